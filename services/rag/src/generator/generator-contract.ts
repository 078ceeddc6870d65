import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReadPassage, Retrieval } from "../retrieval.ts";
import type { Ending, Generator, GeneratorRequest, Utterance } from "./generator.ts";

/** A generator, opened for a test. */
export type OpenGenerator = AsyncDisposable & { readonly generator: Generator };

/** The contract every generator passes. */
export function testGenerator(name: string, open: () => Promise<OpenGenerator>): void {
  describe(`generator ${name}`, () => {
    let opened: OpenGenerator;
    const never = new AbortController().signal;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened[Symbol.asyncDispose]());

    test("answers from the passages, and names those that say so", async () => {
      const { utterances, ending } = await generate(opened.generator, toRequest());
      expect(ending.reason).toBe(FinishReason.STOP);
      const said = utterances
        .flatMap((utterance) =>
          "words" in utterance
            ? utterance.words
            : utterance.quotes.map(({ source, start, end }) => source.passage.text.slice(start, end)),
        )
        .join("");
      expect(said).toContain("The mitochondrion makes the energy of a cell.");
      const named = utterances.flatMap((utterance) =>
        "words" in utterance ? [] : utterance.quotes.map(({ source }) => source.passage.id),
      );
      expect(named.length > 0 ? named[0] : /\[1\]/.exec(said)?.[0]).toBe(named.length > 0 ? "p0" : "[1]");
    });

    test("says nothing, and that it is not in the files, where nothing was found", async () => {
      const { utterances, ending } = await generate(opened.generator, toRequest([]));
      expect(utterances).toEqual([]);
      expect(ending).toEqual({ reason: FinishReason.NOT_IN_FILES, inputTokens: 0, outputTokens: 0 });
    });

    test("ends with the signal's reason", async () => {
      const reason = new Error("gone");
      await expect(generate(opened.generator, toRequest(), AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    test("puts a question that goes on from others so that it can be understood alone", async () => {
      const turns = [{ asker: true, text: "What is the mitochondrion?" }];
      const { generator } = opened;
      expect(await generator.standAlone("How big is it?", turns, never)).toMatch(/^How big is .*mitochondrion/);
    });
  });
}

/** The request that all generators can answer, or one for which nothing was found. */
export function toRequest(
  texts = ["The mitochondrion makes the energy of a cell. It has two membranes.", "Ribosomes build proteins."],
): GeneratorRequest {
  const question = "What makes the energy of a cell?";
  const passages = texts.map(toPassage);
  const asked = { content: "makes energy cell", weights: [1, 1, 1] };
  return { question, turns: [], retrieval: { passages, asked, vector: undefined } satisfies Retrieval };
}

function toPassage(text: string, at: number): ReadPassage {
  const hit = { fileId: "f", revision: 1, passage: at, score: 1 - at / 10, cosine: undefined, language: "english" };
  const locator = { page: 1, charStart: 0, charEnd: text.length, headingPath: [], boxes: [] };
  const passage = { id: `p${at}`, ordinal: at, text, locator };
  return { hit, file: { id: "f", name: "notes.txt" }, passage } as unknown as ReadPassage;
}

/** All that a generator says to a request. */
export async function generate(
  generator: Generator,
  request: GeneratorRequest,
  signal = new AbortController().signal,
): Promise<{ utterances: Utterance[]; ending: Ending }> {
  const utterances: Utterance[] = [];
  const saying = generator.answer(request, signal);
  for (;;) {
    const next = await saying.next();
    if (next.done) return { utterances, ending: next.value };
    utterances.push(next.value);
  }
}
