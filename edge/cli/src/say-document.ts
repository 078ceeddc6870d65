import { type Document, DocumentState } from "@lyceum/client";

/** How far a document is, in a few words. */
export function sayDocument({ state, stage, progress, pageCount, passageCount, failure }: Document): string {
  const missing = failure ? `: ${failure.message}` : "";
  if (state === DocumentState.FAILED) return `failed${missing}`;
  if (state === DocumentState.READY) {
    const pages = pageCount > 0 ? `${count(pageCount, "page")}, ` : "";
    return `ready, ${pages}${count(passageCount, "passage")}${missing}`;
  }
  return `${stage || "waiting"} ${Math.floor(progress * 100)} %`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
