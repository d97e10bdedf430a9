// @ts-check
// What of a text is seen, as the server reads it (worksbridge/characters.py, messaging/text.py).

/**
 * Whether nobody would see anything of the text: only spaces, joiners, fillers, controls.
 * @param {string} value
 */
export function showsNothing(value) {
  return /^[\s\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cs}\u2800]*$/u.test(value);
}

/**
 * The text as it is sent: without empty lines around it; spaces before the first word stay.
 * @param {string} value
 */
export function withoutEmptyLines(value) {
  return value.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
}
