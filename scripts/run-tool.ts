import { type SpawnSyncOptions, type SpawnSyncReturns, spawnSync } from "node:child_process";
import { join } from "node:path";

/** The checkout's top folder. */
export const root = join(import.meta.dirname, "..");

/** Runs a tool from `node_modules/.bin` in the checkout's top folder and waits for it. */
export function runTool(tool: string, args: string[], options: SpawnSyncOptions = {}): SpawnSyncReturns<string> {
  return spawnSync(join(root, "node_modules/.bin", tool), args, {
    cwd: root,
    maxBuffer: 256 * 1024 * 1024,
    ...options,
    encoding: "utf8",
  });
}
