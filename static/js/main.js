// @ts-check
// The last of the page's scripts: every part has come to life, and what all of them listen to begins.
import { personalise } from "./lib/html.js";
import { member } from "./lib/page.js";
import { followDays } from "./lib/times.js";
import { live } from "./live.js";
import { outbox } from "./outbox.js";

personalise(document);
followDays();
if (member) {
  outbox.start();
  live.start();
}
