// @ts-check
// How a call ended, in a sentence for this viewer.
import { member, text } from "../lib/page.js";
import { lengthText } from "./clock.js";

/**
 * `name` is what the viewer calls the other person, or the room.
 * @param {Pick<Snapshot, "outcome" | "started_by" | "answered_at" | "ended_at">} call
 * @param {string} name
 */
export function endedText({ outcome, started_by: caller, answered_at: from, ended_at: to }, name) {
  const mine = caller === member;
  switch (outcome) {
    case "ended":
      return from && to ? text("ended_after", { length: lengthText(Date.parse(to) - Date.parse(from)) }) : text("ended");
    case "no_answer":
      return mine ? text("ended_no_answer", { name }) : text("ended_missed", { name });
    case "declined":
      return mine ? text("ended_declined", { name }) : text("ended_you_declined");
    case "busy":
      return mine ? text("ended_busy", { name }) : text("ended_missed", { name });
    case "cancelled":
      return mine ? text("ended_you_cancelled") : text("ended_cancelled", { name });
    case "not_allowed":
      return text("ended_not_allowed");
    default:
      return text("ended");
  }
}
