import type { File, Lyceum } from "@lyceum/client";

/** Downloads a file under its name. The bytes pass through the page because links carry no access token. */
export async function saveContent(lyceum: Lyceum, file: File): Promise<void> {
  const res = await lyceum.fetchContent(file.id);
  // Never the file's own type: a blob: address belongs to this origin, and must not show as a page.
  const url = URL.createObjectURL(new Blob([await res.arrayBuffer()], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
