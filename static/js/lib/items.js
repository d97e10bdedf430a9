// @ts-check
// A message as pushes, acknowledgements and catching up carry it.
import { member } from "./page.js";

/**
 * Whether another person wrote it: lines about the room have no author.
 * @param {Item} item
 */
export function isFromOthers({ author }) {
  return Boolean(author) && author !== member;
}
