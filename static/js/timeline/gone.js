// @ts-check
// Replaces a conversation that this member may no longer see.
import { element } from "../lib/html.js";
import { home, text } from "../lib/page.js";

// Why, as far as the member may know. Who left by themselves knows it.
const WHY = ["access", "administrator", "removed"];

/** @param {string} [reason] */
export function goneNotice(reason) {
  const heading = element("h2", { className: "empty__heading" }, text("gone_title"));
  const why = WHY.includes(reason ?? "") ? `${text(`gone_${reason}`)} ` : "";
  const sentence = element("p", { className: "empty__text" }, why + text("gone_text"));
  const back = element("a", { className: "btn", href: home }, text("to_rooms"));
  return element("div", { className: "empty", role: "alert" }, heading, sentence, back);
}
