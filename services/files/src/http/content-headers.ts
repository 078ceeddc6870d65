/**
 * Headers under which no browser runs what a person uploaded: it is saved, not shown; were it shown, then without scripts,
 * without the app's origin, and as nothing but the type named here; and no other site may embed it.
 */
export function contentHeaders(file: { name: string; mediaType: string }): Record<string, string> {
  return {
    "content-type": safeMediaType(file.mediaType),
    "content-disposition": contentDisposition(file.name),
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-cache",
  };
}

/** `attachment` under this name (RFC 6266), with an ASCII rendering for clients that don't know `filename*`. */
export function contentDisposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]/gu, "_").replace(/["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

// A list of what is harmless, not of what is dangerous: HTML, SVG, XML, scripts and the unknown become plain bytes.
function safeMediaType(mediaType: string): string {
  if (mediaType === "text/plain" || mediaType === "text/markdown") return `${mediaType}; charset=utf-8`;
  return harmless.test(mediaType) ? mediaType : "application/octet-stream";
}

const harmless =
  /^(application\/(pdf|zip|rtf|epub\+zip|msword|vnd\.(openxmlformats-officedocument|oasis\.opendocument)\.[\w.-]+)|image\/(png|jpeg|gif|webp|avif)|(audio|video)\/[\w.+-]+)$/;
