import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{lib,services,edge,bench,eval,scripts}/**/*.test.{ts,tsx}"],
    exclude: ["**/node_modules/**", "**/*.engine.test.ts", "**/*.interop.test.ts"],
    globalSetup: ["lib/testing/src/global-setup.ts"],
    pool: "forks",
    execArgv: ["--import", new URL("scripts/fast-start.mjs", import.meta.url).href],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
