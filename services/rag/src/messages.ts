import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PassageSchema } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { ReadPassage } from "./retrieval.ts";

/** A passage as clients see it. */
export function toPassageMessage({ hit, file, passage }: ReadPassage): MessageInitShape<typeof PassageSchema> {
  const { id, text, locator } = passage;
  return { id, fileId: file.id, fileName: file.name, text, score: hit.score, ...(locator && { locator }) };
}
