import type { File } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { DocumentPassage } from "@lyceum/gen/proto/lyceum/ingest/v1/document_pb.ts";
import type { AskedFor } from "./answering/choose-sentences.ts";
import type { FoundHit } from "./searching/messages.ts";

/** A passage that its reader may read right now. */
export type ReadPassage = { readonly hit: FoundHit; readonly file: File; readonly passage: DocumentPassage };

/** What a question found. */
export type Retrieval = {
  /** The best first. */
  readonly passages: readonly ReadPassage[];
  readonly asked: AskedFor;
  /** The query's vector, where the files have vectors to compare it with. */
  readonly vector: Float32Array | undefined;
};
