import { posix } from "node:path";
import type { Archive } from "../archive.ts";
import { readXml } from "../xml.ts";

/** What a part of an Office document refers to. */
export type Relation = {
  readonly id: string;
  /** The last word of its type, such as `slide`. */
  readonly type: string;
  /** The name of another part. */
  readonly target: string;
};

/** The parts that `part` refers to; what lies outside the document is left out, and never looked at. */
export async function readRelations(archive: Archive, part: string): Promise<Relation[]> {
  const folder = posix.dirname(part);
  const relations: Relation[] = [];
  await readXml(archive.read(posix.join(folder, "_rels", `${posix.basename(part)}.rels`)), {
    open(name, { Id: id = "", Type: type = "", Target: target = "", TargetMode: mode }) {
      if (name !== "Relationship" || mode === "External") return;
      relations.push({
        id,
        type: type.slice(type.lastIndexOf("/") + 1),
        target: posix.join(target.startsWith("/") ? "" : folder, target).replace(/^\//, ""),
      });
    },
  });
  return relations;
}

/** The part a document begins with. */
export async function findMainPart(archive: Archive): Promise<string | undefined> {
  const relations = await readRelations(archive, "");
  const { target } = relations.find(({ type }) => type === "officeDocument") ?? {};
  const candidates = [target, "word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"];
  return candidates.find((name) => name !== undefined && archive.has(name));
}
