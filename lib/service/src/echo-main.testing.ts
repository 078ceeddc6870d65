import { defineEcho } from "./echo-definition.testing.ts";
import { run } from "./run.ts";

await run([defineEcho("files")]);
