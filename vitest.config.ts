import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Begins with the tests of whole programs, so that none of these long ones is what the others have to be waited for at the end. */
class ProgramsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isProgram = ({ moduleId }: TestSpecification) => moduleId.endsWith(".e2e.test.ts");
    return [...sorted.filter(isProgram), ...sorted.filter((file) => !isProgram(file))];
  }
}

export default defineConfig({
  test: {
    include: ["{lib,services,edge,bench,eval,scripts}/**/*.test.{ts,tsx}"],
    exclude: ["**/node_modules/**", "**/*.engine.test.ts", "**/*.interop.test.ts"],
    globalSetup: ["lib/testing/src/global-setup.ts"],
    pool: "forks",
    execArgv: ["--import", new URL("scripts/fast-start.mjs", import.meta.url).href],
    // Node loads the modules itself, as it does in the product, and once for all files of a worker: they keep no state of a test.
    isolate: false,
    experimental: { viteModuleRunner: false, nodeLoader: false },
    sequence: { sequencer: ProgramsFirst },
    // Much of a test is waiting, so one more than the two cores of the smallest machine.
    maxWorkers: 3,
    expect: { poll: { timeout: 10_000, interval: 20 } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
