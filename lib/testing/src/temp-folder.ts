import { inject } from "vitest";
import { makeFolderIn } from "./run-folder.ts";

/** A new empty folder, removed at the end of the test run. */
export function tempFolder(): Promise<string> {
  return makeFolderIn(inject("runFolder"));
}
