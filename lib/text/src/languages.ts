/**
 * Languages of the Latin script that are told apart, since they share letters but not word endings. Other scripts name
 * their language themselves. The order is part of the segment format: add at the end.
 */
export const languages = [
  "english",
  "german",
  "french",
  "spanish",
  "portuguese",
  "italian",
  "dutch",
  "swedish",
  "norwegian",
  "danish",
  "finnish",
  "hungarian",
  "romanian",
  "turkish",
  "catalan",
  "czech",
] as const;

/** The language whose endings are taken off words of the Latin script. */
export type Language = (typeof languages)[number];

/** The most frequent words of each language that are not content. */
const profiles: Record<Language, string> = {
  english:
    "the of and to in is that for it with as was on are be this by from at which have not or an were what who how",
  german:
    "der die und das den von zu mit sich des auf für ist im dem nicht ein eine als auch es an wurde aus bei wie sind",
  french: "le la les des et du en un une que est pour dans qui sur par au plus ne pas avec ce il sont cette aux été",
  spanish: "el la los las de que y en un una por con del para es se al lo como más su fue son qué sus entre este cuál",
  portuguese: "o os as de que e do da em um uma para com não dos das na no por mais se ao como foi são pela pelo",
  italian: "il di che la e un una per in del della dei è non con si le gli da al nel alla sono più come anche delle",
  dutch: "de het een van en in is dat op te voor met zijn die niet aan er om door ook als bij naar wordt uit werd",
  swedish: "och att det som en är av för på den till med de inte ett har var om från men vid eller kan sig år",
  norwegian: "og det som er av på til med den ikke et har for de en fra å seg ble eller kan etter også blir ved",
  danish: "og det som er af på til med den ikke et har for de en fra at sig blev eller kan efter også bliver ved",
  finnish:
    "ja on ei oli että se hän joka ovat mutta kun myös sekä tai kuin sen joita ole olivat vuonna hänen jossa mikä",
  hungarian: "a az és hogy nem is egy volt ez meg csak már mint vagy de el azt lehet ki még kell amely voltak után",
  romanian: "și de în la a cu pe din care este un o nu ce mai pentru sunt au prin fost fi ale sau după cel într",
  turkish: "ve bir bu da de için ile olarak çok daha olan gibi kadar en olduğu sonra ne ise o tarafından hangi değil",
  catalan: "el la els les de que i en un una per amb del és es al com més va són dels seva entre aquest aquesta",
  czech: "a v se na je že s z do o i to k pro jako který byl ve po za by od které jeho není nebo jsou při však",
};

const weights = new Map<string, [Language, number][]>();
for (const language of languages) {
  for (const word of profiles[language].split(" ")) {
    // Single letters stand in tables and formulas of any language.
    if (word.length > 1) weights.set(word, [...(weights.get(word) ?? []), [language, 1]]);
  }
}
// A word that several languages share says less about each.
for (const entry of weights.values()) for (const pair of entry) pair[1] = 1 / entry.length;

const english =
  "a about above after again against all am an and any are as at be because been before being below between both but by " +
  "can could did do does doing down during each few for from further had has have having he her here hers herself him " +
  "himself his how i if in into is it its itself just me more most my myself no nor not now of off on once only or other " +
  "our ours ourselves out over own same she should so some such than that the their theirs them themselves then there " +
  "these they this those through to too under until up very was we were what when where which while who whom why will " +
  "with would you your yours yourself yourselves may might must shall also";
const stopwords = new Map<Language, ReadonlySet<string>>(
  languages.map((language) => [language, new Set((language === "english" ? english : profiles[language]).split(" "))]),
);

/** Words of a language that say nothing about what is asked, in lower case. */
export function stopwordsOf(language: Language): ReadonlySet<string> {
  return stopwords.get(language) ?? new Set();
}

const sampleLength = 20_000;

/** The language of a text's words in Latin script, by its most frequent small words; `fallback` where they don't tell. */
export function detectLanguage(text: string, fallback: Language = "english"): Language {
  const counts = new Map<string, number>();
  let words = 0;
  for (const [word] of sample(text)
    .toLowerCase()
    .normalize("NFC")
    .matchAll(/\p{Script=Latin}+/gu)) {
    words += 1;
    if (weights.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const scores = new Map<Language, { score: number; distinct: number }>();
  for (const [word, count] of counts) {
    for (const [language, weight] of weights.get(word) ?? []) {
      const { score, distinct } = scores.get(language) ?? { score: 0, distinct: 0 };
      scores.set(language, { score: score + weight * count, distinct: distinct + weight });
    }
  }
  const [best] = [...scores].sort((a, b) => b[1].score - a[1].score);
  // One word over and over is a name, not a language.
  return best && best[1].distinct >= 1.5 && best[1].score / words >= 0.04 ? best[0] : fallback;
}

/** The beginning, middle and end of a long text. */
function sample(text: string): string {
  if (text.length <= sampleLength * 3) return text;
  const middle = (text.length - sampleLength) >> 1;
  return `${text.slice(0, sampleLength)} ${text.slice(middle, middle + sampleLength)} ${text.slice(-sampleLength)}`;
}
