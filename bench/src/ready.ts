import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startProgram } from "@lyceum/testing/start-program.ts";
import { type Figure, quantile } from "./figure.ts";

const rounds = 5;

/** S13: how long a start on an installed checkout and an existing home takes, and what it holds when idle. */
export async function benchReady(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
  try {
    const first = await startProgram(home);
    await first.end("SIGTERM");
    const readyMs: number[] = [];
    const memoryMb: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await using program = await startProgram(home);
      readyMs.push(program.readyMs);
      await sleep(3_000);
      memoryMb.push(program.memoryBytes() / 2 ** 20);
    }
    return [
      {
        id: "S13",
        name: "second start until ready",
        value: quantile(readyMs) / 1_000,
        unit: "s",
        bound: "<= 5",
        note: `median of ${rounds}; the first start took ${(first.readyMs / 1_000).toFixed(1)} s`,
      },
      {
        id: "S13",
        name: "idle memory, all in one",
        value: quantile(memoryMb),
        unit: "MB",
        bound: "<= 350",
        note: "PSS of Node, Postgres and helpers, 3 s after ready",
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
