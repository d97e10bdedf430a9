// @ts-check
// Lists to choose microphone, camera and speaker from: select[data-device="audioinput"] and so on, below a root.
import { canChooseSpeaker, choose, chosen, devices, whenChanged } from "./devices.js";
import { element } from "../lib/html.js";
import { text } from "../lib/page.js";

/**
 * Keep the lists below `root` filled; `changed(kind)` hears what the person chooses.
 * @param {HTMLElement} root
 * @param {(kind: DeviceKind) => unknown} changed
 * @param {AbortSignal} [signal]
 */
export function keepChoices(root, changed, signal) {
  const fill = () => fillChoices(root);
  whenChanged(fill, signal);
  root.addEventListener(
    "change",
    ({ target }) => {
      const kind = /** @type {DeviceKind | undefined} */ (target.dataset?.device);
      if (!kind) return;
      choose(kind, /** @type {HTMLSelectElement} */ (target).value);
      changed(kind);
    },
    { signal },
  );
  return fill();
}

/**
 * Fill the lists with what there is now.
 * @param {HTMLElement} root
 */
export async function fillChoices(root) {
  const { hidden, ...found } = await devices();
  /** @type {NodeListOf<HTMLSelectElement>} */
  const lists = root.querySelectorAll("select[data-device]");
  for (const select of lists) {
    const kind = /** @type {DeviceKind} */ (select.dataset.device);
    const options = found[kind].map((one, n) =>
      element("option", { value: one.deviceId }, one.label || text("device_n", { n: n + 1 })),
    );
    const none = hidden.has(kind) ? "device_asked" : kind === "audiooutput" ? "device_usual" : "device_none";
    if (!options.length) options.push(element("option", { value: "" }, text(none)));
    select.replaceChildren(...options);
    const wanted = chosen(kind) ?? "";
    if (found[kind].some((one) => one.deviceId === wanted)) select.value = wanted;
    select.disabled = found[kind].length < 2;
    if (kind === "audiooutput") /** @type {HTMLElement} */ (select.closest("[data-choice]")).hidden = !canChooseSpeaker;
  }
}
