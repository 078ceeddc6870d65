import { IconFile, IconFileText, IconFileTypePdf, IconMarkdown, IconPhoto } from "@tabler/icons-react";
import classes from "./library.module.css";

/** A picture of what kind of file it is; its name says the same in letters. */
export function FileIcon({ mediaType, name, size = 22 }: { mediaType: string; name: string; size?: number }) {
  const Icon = pick(mediaType, name);
  return (
    <span className={classes.icon} style={{ width: size * 1.7, height: size * 1.7 }}>
      <Icon aria-hidden size={size} stroke={1.5} />
    </span>
  );
}

function pick(mediaType: string, name: string) {
  if (mediaType === "application/pdf") return IconFileTypePdf;
  if (mediaType === "text/markdown" || name.endsWith(".md")) return IconMarkdown;
  if (mediaType.startsWith("image/")) return IconPhoto;
  return mediaType.startsWith("text/") ? IconFileText : IconFile;
}
