// @ts-check
// The entry of the call window.
import { personalise } from "./lib/html.js";
import { live } from "./live.js";
import "./calls/element.js";

personalise(document);
live.start();
