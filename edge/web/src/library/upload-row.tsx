import { problemOf } from "@lyceum/client";
import { ActionIcon, Button, Progress, Text, Tooltip } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useRef } from "react";
import { useApp } from "../app/app-context.tsx";
import { formatSize } from "../app/format.ts";
import { ProblemDetails } from "../app/problem-notice.tsx";
import { FileIcon } from "./file-icon.tsx";
import classes from "./library.module.css";
import type { Upload } from "./uploads.ts";

/** Larger files take long enough to be paused. */
const pausableBytes = 4_000_000;

/** A file that is not in the library yet. */
export function UploadRow({ upload }: { upload: Upload }) {
  const { uploads } = useApp();
  const { key, name, mediaType, sizeBytes, state, share, stored, error } = upload;
  const failed = state === "failed";
  const problem = failed ? problemOf(error) : undefined;
  const isOver = failed || state === "stored";
  return (
    <li className={classes.row} data-testid="file-row" data-file-id={stored?.id} data-state={state.toUpperCase()}>
      <FileIcon mediaType={mediaType} name={name} />
      <div className={classes.what}>
        <span className={classes.name}>{name}</span>
        <Text size="sm" c="dimmed">
          {formatSize(sizeBytes)} · {sayState(upload)}
        </Text>
        {problem && (
          <div className={classes.trouble} role="alert">
            <Text size="sm">{problem.message}</Text>
            {problem.reason !== "FILE_TOO_LARGE" && (
              <Button size="compact-sm" variant="default" onClick={() => uploads.resume(key)}>
                Upload again
              </Button>
            )}
            <ProblemDetails problem={problem} />
          </div>
        )}
        {state === "interrupted" && <ChooseAgain upload={upload} />}
      </div>
      {(state === "sending" || state === "waiting") && sizeBytes >= pausableBytes && (
        <Tool label={`Pause ${name}`} onPress={() => uploads.pause(key)}>
          <IconPlayerPause aria-hidden size={18} stroke={1.6} />
        </Tool>
      )}
      {state === "paused" && (
        <Tool label={`Go on with ${name}`} onPress={() => uploads.resume(key)}>
          <IconPlayerPlay aria-hidden size={18} stroke={1.6} />
        </Tool>
      )}
      <Tool
        label={`${isOver || state === "interrupted" ? "Dismiss" : "Cancel"} ${name}`}
        onPress={() => uploads.forget(key)}
      >
        <IconX aria-hidden size={18} />
      </Tool>
      {!isOver && (
        <Progress
          className={classes.bar ?? ""}
          value={share * 100}
          size={3}
          color={state === "sending" || state === "waiting" ? "var(--accent)" : "var(--quiet)"}
          aria-label={`Upload of ${name}`}
        />
      )}
    </li>
  );
}

function sayState({ state, share }: Upload): string {
  const percent = `${Math.floor(share * 100)} %`;
  switch (state) {
    case "waiting":
      return "waiting";
    case "sending":
      return `uploading ${percent}`;
    case "paused":
      return `paused at ${percent}`;
    case "interrupted":
      return `interrupted at ${percent}`;
    case "stored":
      return "uploaded";
    case "failed":
      return "not uploaded";
  }
}

/** A page that was loaded again has no right to the bytes any more; the same file goes on where it was. */
function ChooseAgain({ upload: { name, folderId } }: { upload: Upload }) {
  const { uploads } = useApp();
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className={classes.trouble} data-tone="ready">
      <Text size="sm">Choose the file again, and it goes on from there.</Text>
      <Button size="compact-sm" variant="default" onClick={() => input.current?.click()}>
        Choose {name}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        data-testid="choose-again"
        onChange={({ currentTarget }) => uploads.add([...(currentTarget.files ?? [])], folderId)}
      />
    </div>
  );
}

function Tool({ label, onPress, children }: { label: string; onPress: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={label.split(" ")[0]}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={onPress}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
