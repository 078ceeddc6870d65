import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type DocumentPassageSchema,
  type DocumentSchema,
  DocumentState,
} from "@lyceum/gen/proto/lyceum/ingest/v1/document_pb.ts";
import type { LocatorSchema } from "@lyceum/gen/proto/lyceum/ingest/v1/locator_pb.ts";
import { type PageBox, unpackBoxes } from "./boxes.ts";
import type { PassageRow } from "./content-store.ts";
import { passageId } from "./document.ts";
import { failureMessage } from "./parsers/failure.ts";
import type { DocumentRow } from "./store.ts";

/** A document as clients see it. */
export function toDocumentMessage(row: DocumentRow): MessageInitShape<typeof DocumentSchema> {
  const { failureReason: reason } = row;
  return {
    fileId: row.fileId,
    state: DocumentState[row.state],
    searchable: row.searchable,
    stage: row.stage,
    progress: row.progress,
    pageCount: row.pageCount,
    passageCount: row.passageCount,
    ...(reason ? { failure: { reason, message: failureMessage(reason) } } : {}),
    fileName: row.fileName,
    createTime: timestampFromDate(row.createTime),
    updateTime: timestampFromDate(row.updateTime),
  };
}

/** A passage of a document's present revision. */
export function toPassageMessage(
  { fileId, fileName, revision }: Pick<DocumentRow, "fileId" | "fileName" | "revision">,
  passage: PassageRow,
): MessageInitShape<typeof DocumentPassageSchema> {
  return {
    id: passageId(fileId, revision, passage.ordinal),
    ordinal: passage.ordinal,
    text: passage.text,
    locator: toLocator(passage, unpackBoxes(passage.boxes), passage.charStart, passage.charEnd),
    fileId,
    fileName,
  };
}

/** A place within a passage. */
export function toLocator(
  passage: PassageRow,
  boxes: PageBox[],
  charStart: number,
  charEnd: number,
): MessageInitShape<typeof LocatorSchema> {
  const { page, timeStart, timeEnd, slide, sheet, headingPath } = passage;
  return { page, boxes, charStart, charEnd, timeStart, timeEnd, slide, sheet, headingPath };
}
