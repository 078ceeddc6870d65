import { posix } from "node:path";
import type { Archive } from "./archive.ts";
import { ParseFailure } from "./failure.ts";
import { FlowWriter } from "./flow-writer.ts";
import { writeHtml } from "./html.ts";
import type { ParseEvent, ParseLimits } from "./parsed.ts";
import { readXml } from "./xml.ts";

/** Reads an e-book (EPUB 2 and 3) chapter by chapter, in the order in which it is read. */
export async function* parseEpub(archive: Archive, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const packagePart = await findPackage(archive);
  if (!packagePart) throw new ParseFailure("CORRUPT");
  const chapters = await listChapters(archive, packagePart);
  const locked = await listLocked(archive);
  if (chapters.some((name) => locked.has(name))) throw new ParseFailure("ENCRYPTED");
  yield { kind: "opened", pageCount: 0 };
  let isBlank = true;
  for (const [index, name] of chapters.entries()) {
    const flow = new FlowWriter(limits.maxChars);
    writeHtml(flow, await archive.readText(name));
    const part = flow.finish();
    if (part.text) yield { kind: "part", page: 0, part };
    isBlank &&= !part.text;
    if (index % limits.pagesPerSlice === 0) yield { kind: "slice", pagesDone: 0 };
  }
  if (isBlank) throw new ParseFailure("NO_TEXT");
}

async function findPackage(archive: Archive): Promise<string | undefined> {
  let path: string | undefined;
  await readXml(archive.read("META-INF/container.xml"), {
    open(name, attributes) {
      if (name === "rootfile") path ??= attributes["full-path"];
    },
  });
  return path;
}

/** The pages of the book in reading order, without its table of contents. */
async function listChapters(archive: Archive, packagePart: string): Promise<string[]> {
  const folder = posix.dirname(packagePart);
  const items = new Map<string, { path: string; isContents: boolean }>();
  const order: string[] = [];
  await readXml(archive.read(packagePart), {
    open(name, { id = "", href = "", properties = "", idref = "" }) {
      if (name === "item") items.set(id, { path: pathOf(folder, href), isContents: /\bnav\b/.test(properties) });
      if (name === "itemref") order.push(idref);
    },
  });
  return order.flatMap((id) => {
    const item = items.get(id);
    return item && !item.isContents ? [item.path] : [];
  });
}

function pathOf(folder: string, href: string): string {
  const path = href.replace(/#.*$/, "");
  try {
    return posix.join(folder, decodeURIComponent(path));
  } catch {
    return posix.join(folder, path);
  }
}

/** Fonts may be scrambled without the book being protected. */
const scrambling = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

async function listLocked(archive: Archive): Promise<Set<string>> {
  const locked = new Set<string>();
  let isScrambled = false;
  await readXml(archive.read("META-INF/encryption.xml"), {
    open(name, { Algorithm: algorithm = "", URI: uri = "" }) {
      if (name === "EncryptedData") isScrambled = false;
      else if (name === "EncryptionMethod") isScrambled ||= scrambling.includes(algorithm);
      else if (name === "CipherReference" && !isScrambled) locked.add(pathOf("", uri));
    },
  });
  return locked;
}
