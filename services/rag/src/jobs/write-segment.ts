import { Worker } from "node:worker_threads";
import { detectLanguage, type PassageText, writeSegment } from "@lyceum/text";

/** Analysed on the spot in about 10 ms; what is longer gets a thread of its own. */
const inlineCharacters = 150_000;

/** A file's postings, in the language its passages are in. */
export async function createSegment(passages: readonly PassageText[]): Promise<Uint8Array> {
  const plain = passages.map(({ text, heading }) => ({ text, heading }));
  const size = plain.reduce((sum, { text }) => sum + text.length, 0);
  return size <= inlineCharacters ? analysePassages(plain) : analyseInThread(plain);
}

/** What the thread does. */
export function analysePassages(passages: readonly PassageText[]): Uint8Array<ArrayBuffer> {
  return writeSegment(passages, detectLanguage(passages.map(({ text }) => text).join("\n")));
}

function analyseInThread(passages: readonly PassageText[]): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./write-segment-worker.ts", import.meta.url), { workerData: passages });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`The thread that analyses ended with code ${code}.`)));
  });
}
