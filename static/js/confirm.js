// @ts-check
// A button with [data-confirm] asks before it does what cannot be undone; [data-confirm-heading] is the question above.
// {name} is that of [data-confirm-name], or the name in the button's row.
import { element } from "./lib/html.js";
import { text } from "./lib/page.js";

document.addEventListener("click", (event) => {
  /** @type {HTMLButtonElement | null} */
  const button = event.target.closest?.("button[data-confirm]");
  if (!button) return;
  event.preventDefault();
  button.closest("[popover]")?.hidePopover();
  const name = button.dataset.confirmName || (button.closest("li")?.querySelector(".person-name")?.textContent ?? "");
  const action = button.textContent.trim();
  const heading = (button.dataset.confirmHeading ?? action).replaceAll("{name}", () => name);
  const sentence = (button.dataset.confirm ?? "").replaceAll("{name}", () => name);
  dialog(action, heading, sentence, button.classList.contains("menu__item--danger"), () => {
    button.form?.requestSubmit(button);
  });
});

/**
 * @param {string} action
 * @param {string} question
 * @param {string} sentence
 * @param {boolean} danger
 * @param {() => void} go
 */
function dialog(action, question, sentence, danger, go) {
  const cancel = element("button", { type: "button", className: "btn btn--ghost", autofocus: true, dataset: { close: "" } }, text("cancel"));
  const yes = element("button", { type: "button", className: `btn ${danger ? "btn--danger" : "btn--primary"}` }, action);
  const heading = element("h2", { className: "dialog__title", id: "confirm-heading" }, question);
  const box = element(
    "dialog",
    { className: "dialog dialog--small" },
    element("header", { className: "dialog__head" }, heading),
    element("div", { className: "dialog__body" }, element("p", { id: "confirm-text" }, sentence)),
    element("footer", { className: "dialog__foot" }, cancel, yes),
  );
  box.setAttribute("aria-labelledby", "confirm-heading");
  box.setAttribute("aria-describedby", "confirm-text");
  box.addEventListener("close", () => box.remove());
  yes.addEventListener("click", () => {
    box.close();
    go();
  });
  document.body.append(box);
  box.showModal();
}
