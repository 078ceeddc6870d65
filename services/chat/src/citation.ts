import { createHash } from "node:crypto";
import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { LocatorSchema } from "@lyceum/gen/proto/lyceum/ingest/v1/locator_pb.ts";
import { type Citation, CitationSchema } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";

/** A citation as it is kept: what it quotes is known only by its hash, and fetched under the rights of whoever reads. */
export type StoredCitation = {
  readonly number: number;
  readonly passageId: string;
  readonly fileId: string;
  /** The sentence of the answer, which is part of its text. */
  readonly sentence: string;
  /** A Locator in JSON. */
  readonly locator: JsonValue;
  readonly verified: boolean;
  readonly quoteHash: string;
};

/** What a reader may see of a citation's source. */
export type Source = { readonly fileName: string; readonly quote: string };

/** Takes from a citation what may be kept. */
export function toStoredCitation(citation: Citation): StoredCitation {
  const { number, passageId, fileId, sentence, locator, verified, quote } = citation;
  return {
    number,
    passageId,
    fileId,
    sentence,
    locator: toJson(LocatorSchema, locator ?? create(LocatorSchema)),
    verified,
    quoteHash: hashQuote(quote),
  };
}

/** A citation as a reader sees it; without its source, neither words nor headings of the file are in it. */
export function toCitation(stored: StoredCitation, source: Source | undefined): Citation {
  const { quoteHash: _, locator: json, ...rest } = stored;
  const locator = locatorOf(stored);
  return create(CitationSchema, {
    ...rest,
    locator: source ? locator : { ...locator, headingPath: [] },
    fileName: source?.fileName ?? "",
    quote: source?.quote ?? "",
  });
}

/** The words at a citation's place in a passage; undefined if they are no longer those that were cited. */
export function findQuote(
  stored: StoredCitation,
  passage: { readonly text: string; readonly charStart: number },
): string | undefined {
  const { charStart, charEnd } = locatorOf(stored);
  const quote = passage.text.slice(
    Math.max(0, charStart - passage.charStart),
    Math.max(0, charEnd - passage.charStart),
  );
  return hashQuote(quote) === stored.quoteHash ? quote : undefined;
}

/** A message's text and citations without what they say of a file: its sentences, and where they were found. */
export function withoutFile(
  { text, citations }: { readonly text: string; readonly citations: readonly StoredCitation[] },
  fileId: string,
): { text: string; citations: StoredCitation[] } {
  const sentences = citations.flatMap(({ fileId: of, sentence }) => (of === fileId && sentence ? [sentence] : []));
  return {
    text: sentences.reduce((rest, sentence) => rest.replaceAll(sentence, () => "…"), text),
    citations: citations.map((citation) => {
      if (citation.fileId === fileId) return { number: citation.number, fileId, ...nothing };
      return sentences.includes(citation.sentence) ? { ...citation, sentence: "" } : citation;
    }),
  };
}

const nothing = { passageId: "", sentence: "", locator: {}, verified: false, quoteHash: "" };

/** What a quote is known by without being kept. */
export function hashQuote(quote: string): string {
  return createHash("sha256").update(quote).digest("hex");
}

function locatorOf({ locator }: StoredCitation) {
  return fromJson(LocatorSchema, locator, { ignoreUnknownFields: true });
}
