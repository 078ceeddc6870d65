import { defineConfig } from "vitest/config";

/** `npm run test:engines`: the ports' contract suites, and what needs several processes, on the real engines. */
export default defineConfig({
  test: {
    include: [
      "{lib,services,edge}/**/*.engine.test.ts",
      "edge/cli/src/cli.e2e.test.ts",
      "edge/embedded/src/{client,fuzz,hostile-files,main-job,page,page-rooms,rights,rooms,telemetry,tour}.e2e.test.ts",
    ],
    // The end-to-end tests are the same; the program they start is a process per service.
    env: { LYCEUM_TEST_MODE: "scaled" },
    globalSetup: ["lib/testing/src/global-setup.ts", "lib/testing/src/engines/global-setup.ts"],
    pool: "forks",
    execArgv: ["--import", new URL("scripts/fast-start.mjs", import.meta.url).href],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
