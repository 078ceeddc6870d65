import { defineConfig } from "vitest/config";

/** `npm run test:interop`: clients and tools of other people and languages, fetched and cached, against the whole of Lyceum. */
export default defineConfig({
  test: {
    include: ["edge/**/*.interop.test.ts"],
    pool: "forks",
    execArgv: ["--import", new URL("scripts/fast-start.mjs", import.meta.url).href],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
