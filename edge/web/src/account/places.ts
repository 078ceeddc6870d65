type Option = { value: string; label: string };

const locales = [
  "ar",
  "bn",
  "cs",
  "da",
  "de",
  "el",
  "en",
  "en-GB",
  "en-US",
  "es",
  "fa",
  "fi",
  "fr",
  "he",
  "hi",
  "hu",
  "id",
  "it",
  "ja",
  "ko",
  "nl",
  "no",
  "pl",
  "pt",
  "pt-BR",
  "ro",
  "ru",
  "sv",
  "sw",
  "th",
  "tr",
  "uk",
  "ur",
  "vi",
  "zh-Hans",
  "zh-Hant",
];

/** Languages by their own names; `chosen` is among them whatever it is. */
export function listLocales(chosen: string): Option[] {
  return [...new Set([...locales, ...navigator.languages, chosen])]
    .filter(Boolean)
    .map((value) => ({ value, label: sayLocale(value) }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

/** Time zones, this device's first; `chosen` is among them whatever it is. */
export function listTimeZones(chosen: string): Option[] {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set([here, ...Intl.supportedValuesOf("timeZone"), chosen])]
    .filter(Boolean)
    .map((value) => ({ value, label: value.replaceAll("_", " ") }));
}

function sayLocale(locale: string): string {
  try {
    const name = new Intl.DisplayNames([locale], { type: "language" }).of(locale) ?? locale;
    return name.slice(0, 1).toLocaleUpperCase(locale) + name.slice(1);
  } catch {
    return locale;
  }
}
