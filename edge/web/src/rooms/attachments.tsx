import { useQuery } from "@connectrpc/connect-query";
import { FileService } from "@lyceum/client";
import { formatSize } from "../app/format.ts";
import { FileIcon } from "../library/file-icon.tsx";
import { useSource } from "../source/source-search.ts";
import classes from "./rooms.module.css";

/** The files that came with a message; a press opens one. */
export function Attachments({ fileIds }: { fileIds: readonly string[] }) {
  if (fileIds.length === 0) return null;
  return (
    <ul className={classes.files} aria-label="Attached files">
      {fileIds.map((fileId) => (
        <li key={fileId}>
          <Attached fileId={fileId} />
        </li>
      ))}
    </ul>
  );
}

function Attached({ fileId }: { fileId: string }) {
  const { open } = useSource();
  const { data, error } = useQuery(FileService.method.getFile, { fileId }, { staleTime: 60_000 });
  const file = data?.file;
  if (error) return <span className={classes.file}>A file that can no longer be read</span>;
  return (
    <button
      type="button"
      className={classes.file}
      disabled={!file}
      onClick={() => open({ source: fileId })}
      data-testid="attachment"
    >
      <FileIcon mediaType={file?.mediaType ?? ""} name={file?.name ?? ""} size={18} />
      <span className={classes.fileName}>{file?.name ?? "…"}</span>
      <span className={classes.fileSize}>{file && formatSize(file.sizeBytes)}</span>
    </button>
  );
}
