import { createHash } from "node:crypto";
import { join } from "node:path";
import type { SessionStore, UploadStore } from "@lyceum/client";
import { configFolder, readJsonFile, writeJsonFile } from "./config-folder.ts";
import { UsageError } from "./failure.ts";
import { openSessionFile } from "./session-file.ts";

/** The Lyceum that is spoken to, and what is remembered of it. */
export type Deployment = {
  /** Without a slash at its end. */
  readonly url: string;
  readonly session: SessionStore;
  readonly uploads: UploadStore;
  /** Commands without `--url` speak to it from now on. */
  choose(): void;
};

const defaultUrl = "http://localhost:8080";

/** The deployment of `--url`, else of LYCEUM_URL, else the one that was signed in to last. */
export function openDeployment(
  variables: Readonly<Record<string, string | undefined>>,
  given: string | undefined,
): Deployment {
  const folder = configFolder(variables);
  const chosen = join(folder, "deployment.json");
  const url = readUrl(given ?? variables.LYCEUM_URL ?? readJsonFile<{ url: string }>(chosen)?.url ?? defaultUrl);
  const own = join(folder, url.replace(/[^\w.-]+/g, "_"));
  const uploadFile = (key: string) => join(own, "uploads", `${createHash("sha256").update(key).digest("hex")}.json`);
  return {
    url,
    session: openSessionFile(join(own, "session.json")),
    uploads: {
      read: (key) => readJsonFile<{ url: string }>(uploadFile(key))?.url,
      write: (key, at) => writeJsonFile(uploadFile(key), at === undefined ? undefined : { url: at }),
    },
    choose: () => writeJsonFile(chosen, { url }),
  };
}

function readUrl(given: string): string {
  const url = URL.parse(given);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new UsageError(`${given} is no address of a Lyceum: it begins with http:// or https://.`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}
