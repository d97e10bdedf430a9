// @ts-check
// Replaces a conversation that this member may no longer see.
import { element } from "../lib/html.js";
import { home, text } from "../lib/page.js";

export function goneNotice() {
  const heading = element("h2", { className: "empty__heading" }, text("gone_title"));
  const sentence = element("p", { className: "empty__text" }, text("gone_text"));
  const back = element("a", { className: "btn", href: home }, text("to_rooms"));
  return element("div", { className: "empty", role: "alert" }, heading, sentence, back);
}
