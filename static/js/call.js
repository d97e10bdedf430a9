// @ts-check
// The entry of the call window.
import { personalise } from "./lib/html.js";
import { live } from "./live.js";
import "./call-window/element.js";

personalise(document);
live.start();
