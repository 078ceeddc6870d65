/** Downloads bytes under a name. */
export function saveBytes(name: string, bytes: BlobPart): void {
  // Never the content's own type: a blob: address belongs to this origin, and must not show as a page.
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
