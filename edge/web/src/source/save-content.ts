import type { File, Lyceum } from "@lyceum/client";
import { saveBytes } from "../app/save-bytes.ts";

/** Downloads a file under its name. The bytes pass through the page because links carry no access token. */
export async function saveContent(lyceum: Lyceum, file: File): Promise<void> {
  const res = await lyceum.fetchContent(file.id);
  saveBytes(file.name, await res.arrayBuffer());
}
