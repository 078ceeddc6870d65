/** The longest file name, in characters. */
export const maxNameLength = 255;

/**
 * The name a file gets for the name it was sent under: the last part of a path, in Unicode's form C, with single spaces,
 * without what nobody sees: control characters, line and paragraph separators, and the invisible characters that turn
 * writing around or hide parts of a name (UTR 36). Undefined if nothing visible is left or it is too long.
 */
export function toFileName(sent: string): string | undefined {
  const lastPart = sent.slice(Math.max(sent.lastIndexOf("/"), sent.lastIndexOf("\\")) + 1);
  const shown = lastPart.replace(/\s+/gu, " ").replace(hidden, "").replace(strayJoiner, "").replace(straySelector, "");
  const name = shown.normalize("NFC").replace(/ +/g, " ").trim();
  return visible.test(name) && !onlyDots.test(name) && [...name].length <= maxNameLength ? name : undefined;
}

const hidden =
  /(?!\p{Join_Control}|\p{Variation_Selector})[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\ufff9-\ufffc]/gu;
// Between two characters beyond ASCII a joiner shapes emoji and the scripts of Persia and India; elsewhere it only hides.
const strayJoiner =
  /(?<![^\p{ASCII}\p{Join_Control}])\p{Join_Control}|\p{Join_Control}(?![^\p{ASCII}\p{Join_Control}])/gu;
const straySelector = /(?<![^ \p{Variation_Selector}])\p{Variation_Selector}/gu;
// U+2800 is a symbol that looks like a space.
const visible = /(?!\u2800)[\p{L}\p{N}\p{P}\p{S}]/u;
const onlyDots = /^[. ]+$/;
