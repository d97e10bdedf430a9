// @ts-check
// The HTML of messages and system messages, as the server renders them for everybody.

const AT = "2026-11-20T09:00:00Z";

/** A message of the member `author`. */
export function message(seq, { rev = seq, author = 2, at = AT, words = `message ${seq}`, client = "" } = {}) {
  const sent = client && ` data-client="${client}"`;
  return (
    `<article class="message" id="message-7-${seq}" data-seq="${seq}" data-rev="${rev}" data-author="${author}"` +
    ` data-at="${at}"${sent}><div class="bubble prose">${words}</div>` +
    '<span class="message__read" data-read-count></span></article>'
  );
}

/** What the system says, which nobody wrote. */
export function system(seq, { rev = seq, at = AT, event = { event: "room.frozen" } } = {}) {
  const data = JSON.stringify(event).replaceAll('"', "&quot;");
  const numbers = `data-seq="${seq}" data-rev="${rev}" data-at="${at}"`;
  return `<p class="system" id="message-7-${seq}" ${numbers} data-event="${data}"></p>`;
}

/** A message as a push or an answer brings it. */
export function item(seq, more = {}) {
  const { rev = seq, author = 2, client = null } = more;
  return { seq, rev, ordinal: seq, kind: "text", author, client_id: client, html: message(seq, more) };
}

/** The same as a push or an answer brings it. */
export function systemItem(seq, more = {}) {
  const { rev = seq } = more;
  return { seq, rev, ordinal: seq, kind: "line", author: null, client_id: null, html: system(seq, more) };
}
