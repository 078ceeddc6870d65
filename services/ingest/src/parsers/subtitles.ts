import { decodeText } from "./decode.ts";
import { ParseFailure } from "./failure.ts";
import type { Cue, ParseEvent, ParseLimits } from "./parsed.ts";
import { wholeSource } from "./text.ts";

/** Reads subtitles (WebVTT, SubRip): what is said, line by line, and when. */
export async function* parseSubtitles(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const source = decodeText(bytes, limits.maxChars);
  const lines: string[] = [];
  const cues: Cue[] = [];
  let start = 0;
  for (const { timeStart, timeEnd, text } of readCues(source)) {
    cues.push({ start, end: start + text.length, timeStart, timeEnd });
    lines.push(text);
    start += text.length + 1;
  }
  const text = lines.join("\n");
  if (!text && source.trim()) throw new ParseFailure("NO_TEXT");
  yield* wholeSource(
    { text, blocks: [{ kind: "rows", start: 0, end: text.length, rank: 0 }], words: [], cues },
    limits,
  );
}

const timing = /^((?:\d+:)?\d\d:\d\d[.,]\d{1,3})[ \t]+-->[ \t]+((?:\d+:)?\d\d:\d\d[.,]\d{1,3})/;

function* readCues(source: string) {
  let times: { timeStart: number; timeEnd: number } | undefined;
  let lines: string[] = [];
  for (const line of [...source.split("\n"), ""]) {
    const match = timing.exec(line);
    if (match) times = { timeStart: secondsOf(match[1]), timeEnd: secondsOf(match[2]) };
    else if (line.trim() !== "") {
      if (times) lines.push(withoutTags(line));
      continue;
    }
    if (match) continue;
    const text = lines.join(" ").trim();
    if (times && text) yield { ...times, text };
    times = undefined;
    lines = [];
  }
}

const secondsOf = (clock = "") =>
  clock
    .replace(",", ".")
    .split(":")
    .reduce((seconds, part) => seconds * 60 + Number(part), 0);

/** Who speaks stays; colours and positions go. */
function withoutTags(line: string): string {
  return line
    .replace(/<v(?:\.[^\s>]*)?\s+([^<>]*)>/g, "$1: ")
    .replace(/<[^<>]*>|\{\\[^{}]*\}/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
