import type { Block, ParsedPart, ParseEvent, ParseLimits, Parser } from "../parsers/parsed.ts";
import { defaultLimits } from "../parsing/limits.ts";

type PartEvent = Extract<ParseEvent, { kind: "part" }>;

/** The parts a parser finds in a source. */
export async function readParts(
  parser: Parser,
  content: Uint8Array | string,
  limits: Partial<ParseLimits> = {},
): Promise<PartEvent[]> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const parts: PartEvent[] = [];
  for await (const event of parser(bytes, { ...defaultLimits, ...limits }))
    if (event.kind === "part") parts.push(event);
  return parts;
}

/** The blocks of all parts: kind with rank, and text. */
export async function readBlocks(...source: Parameters<typeof readParts>): Promise<string[]> {
  return (await readParts(...source)).flatMap(({ part }) => blocksOf(part));
}

/** The text of all parts. */
export async function readText(...source: Parameters<typeof readParts>): Promise<string> {
  return (await readParts(...source)).map(({ part }) => part.text).join("\n\n");
}

/** Why a source can't be read; undefined if it can. */
export function reasonFor(...source: Parameters<typeof readParts>): Promise<string | undefined> {
  return readParts(...source).then(
    () => undefined,
    (error: { reason?: string }) => error.reason ?? String(error),
  );
}

const blocksOf = ({ text, blocks }: ParsedPart) =>
  blocks.map((block) => `${nameOf(block)} ${text.slice(block.start, block.end)}`);

const nameOf = ({ kind, rank }: Block) => (kind === "heading" ? `h${rank}` : kind === "rows" ? "rows" : "p");
