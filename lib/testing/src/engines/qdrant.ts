import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../start-program.ts";
import { cached, runTool } from "./cache.ts";
import { type Engine, startEngine } from "./engine.ts";
import { canConnect } from "./kafka.ts";

const version = "1.20.0";

/** What answers as Qdrant does. */
export type QdrantEngine = Engine & { readonly url: string };

/** Qdrant's Python client from PyPI, cached. Answers the folder for PYTHONPATH. */
async function fetchQdrantClient(): Promise<string> {
  const folder = await cached(`qdrant-client-${version}`, (target) =>
    runTool("python3", [
      ...["-m", "pip", "install", "--quiet", "--target", join(target, "site"), `qdrant-client==${version}`],
    ]),
  );
  return join(folder, "site");
}

/**
 * Starts the reference of Qdrant's semantics, since Qdrant itself is in no package registry: its client's local mode behind a thin
 * REST server, exact and slow. Its data is in `folder`; it is on `port` again if it is started a second time there.
 */
export async function startQdrantReference(folder: string, port?: number, apiKey?: string): Promise<QdrantEngine> {
  const site = await fetchQdrantClient();
  const http = port ?? (await findFreePort());
  await mkdir(folder, { recursive: true });
  const url = `http://127.0.0.1:${http}`;
  const engine = await startEngine({
    name: "The reference of Qdrant",
    command: "python3",
    args: [join(import.meta.dirname, "qdrant-reference.py"), `${http}`, join(folder, "data")],
    env: { PYTHONPATH: site, PYTHONDONTWRITEBYTECODE: "1", ...(apiKey && { QDRANT__SERVICE__API_KEY: apiKey }) },
    logFile: join(folder, "qdrant.out"),
    isReady: () => canConnect(http),
  });
  return Object.assign(engine, { url });
}
