/**
 * A text from outside as a parameter of a query. Postgres keeps no NUL in text and fails on one: it becomes U+FFFD, which
 * no id holds, so that a query by such a text finds nothing.
 */
export function storable(text: string): string {
  return text.replaceAll("\0", "\ufffd");
}
