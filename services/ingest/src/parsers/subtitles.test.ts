import { expect, test } from "vitest";
import { readParts, reasonFor } from "../testing/read-parts.ts";
import { parseSubtitles } from "./subtitles.ts";

test("subtitles are lines that know when they are said", async () => {
  const source = `WEBVTT - Lecture

STYLE
::cue { color: red }

NOTE not said

intro
00:01.500 --> 00:04.000 align:start
<v Ada>Good <i>morning</i>.
Let us begin.

2
01:00:00,250 --> 01:00:02,000
{\\an8}Later.

00:09.000 --> 00:10.000

`;
  const [read] = await readParts(parseSubtitles, source);
  expect(read?.part.text).toBe("Ada: Good morning. Let us begin.\nLater.");
  expect(read?.part.cues).toEqual([
    { start: 0, end: 32, timeStart: 1.5, timeEnd: 4 },
    { start: 33, end: 39, timeStart: 3600.25, timeEnd: 3602 },
  ]);
});

test("subtitles that say nothing are NO_TEXT", async () => {
  expect(await reasonFor(parseSubtitles, "WEBVTT\n\n00:00.000 --> 00:01.000\n<i></i>\n")).toBe("NO_TEXT");
});
