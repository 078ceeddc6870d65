import { problemOf } from "@lyceum/client";
import { ActionIcon, Button, Progress, Text, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useApp } from "../app/app-context.tsx";
import { formatSize } from "../app/format.ts";
import { ProblemDetails } from "../app/problem-notice.tsx";
import { FileIcon } from "./file-icon.tsx";
import classes from "./library.module.css";
import type { Upload } from "./uploads.ts";

/** A file that is not in the library yet. */
export function UploadRow({ upload: { key, file, state, share, stored, error } }: { upload: Upload }) {
  const { uploads } = useApp();
  const failed = state === "failed";
  const problem = failed ? problemOf(error) : undefined;
  return (
    <li className={classes.row} data-testid="file-row" data-file-id={stored?.id} data-state={state.toUpperCase()}>
      <FileIcon mediaType={file.type} name={file.name} />
      <div className={classes.what}>
        <span className={classes.name}>{file.name}</span>
        <Text size="sm" c="dimmed">
          {formatSize(file.size)}
          {state === "waiting" && " · waiting"}
          {state === "sending" && ` · uploading ${Math.floor(share * 100)} %`}
          {state === "stored" && " · uploaded"}
        </Text>
        {problem && (
          <div className={classes.trouble} role="alert">
            <Text size="sm">{problem.message}</Text>
            {problem.reason !== "FILE_TOO_LARGE" && (
              <Button size="compact-sm" variant="default" onClick={() => uploads.retry(key)}>
                Upload again
              </Button>
            )}
            <ProblemDetails problem={problem} />
          </div>
        )}
      </div>
      <Tooltip label={failed ? "Dismiss" : "Cancel"}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={`${failed ? "Dismiss" : "Cancel"} ${file.name}`}
          onClick={() => uploads.forget(key)}
        >
          <IconX aria-hidden size={18} />
        </ActionIcon>
      </Tooltip>
      {(state === "waiting" || state === "sending") && (
        <Progress
          className={classes.bar ?? ""}
          value={share * 100}
          size={3}
          color="var(--accent)"
          aria-label={`Upload of ${file.name}`}
        />
      )}
    </li>
  );
}
