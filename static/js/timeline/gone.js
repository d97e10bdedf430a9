// @ts-check
// What stands in place of a conversation that is open to this member no more.
import { element } from "../lib/html.js";
import { home, text } from "../lib/page.js";

export function goneNotice() {
  const heading = element("h2", { className: "empty__heading" }, text("gone_title"));
  const sentence = element("p", { className: "empty__text" }, text("gone_text"));
  const back = element("a", { className: "btn", href: home }, text("to_rooms"));
  return element("div", { className: "empty", role: "alert" }, heading, sentence, back);
}
