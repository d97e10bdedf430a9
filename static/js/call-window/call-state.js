// @ts-check
// The state of a call for this page.
import { member } from "../lib/page.js";

/**
 * The window's state, and the key of the sentence that says it ("" for none).
 * `states`: how the connections with the others are; `away`: the server has lost this page.
 * @param {Pick<Snapshot, "state" | "people">} snapshot
 * @param {ConnectionState[]} states
 * @param {boolean} away
 */
export function standing(snapshot, states, away) {
  if (snapshot.state === "ringing") return { state: "ringing", says: "ringing" };
  if (away) return { state: "lost", says: "connection_lost" };
  if (!states.length) return someoneLost(snapshot) ? { state: "lost", says: "connection_lost" } : { state: "live", says: "alone" };
  // In a group each tile says how the connection with its person is.
  if (states.includes("connected")) return { state: "live", says: "" };
  if (states.includes("lost")) return { state: "lost", says: "connection_lost" };
  if (states.includes("connecting")) return { state: "connecting", says: "connecting" };
  return { state: "dead", says: "connection_dead" };
}

/** @param {Pick<Snapshot, "people">} snapshot */
function someoneLost({ people }) {
  return people.some((one) => one.lost && one.member !== member);
}
