/** True if there is anything to see in a text: more than spaces and marks that join, order or tag other characters. */
export function isVisible(text: string): boolean {
  return /[^\p{Z}\p{Cf}\s]/u.test(text);
}

/**
 * True if a text that stands on one line, such as a name, would do anything to what is around it: by controls, line and paragraph
 * separators, and the marks that turn the direction of text.
 */
export function hasControls(text: string): boolean {
  return /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text);
}
