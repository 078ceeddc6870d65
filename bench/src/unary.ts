import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeBenchToken } from "./bench-token.ts";
import { endSide, measureCpu, requestsPerRound, rounds, type Side, startSide } from "./cpu-sides.ts";
import { type Figure, quantile } from "./figure.ts";

/** S1: server CPU per authenticated unary call with all interceptors, against a bare connect-node server, both JSON over HTTP/1.1. */
export async function benchUnary(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
  const { key, token } = await makeBenchToken();
  const sides: Side[] = [];
  try {
    const bare = await startSide("unary-server.ts", ["connect", home, key], sides);
    const lyceum = await startSide("unary-server.ts", ["lyceum", home, key], sides);
    const micros = { bare: [] as number[], lyceum: [] as number[] };
    for (const side of sides) await measureCpu(side, token);
    for (let round = 0; round < rounds; round++) {
      micros.bare.push(await measureCpu(bare, token));
      micros.lyceum.push(await measureCpu(lyceum, token));
    }
    return [
      {
        id: "S1",
        name: "service unary, authenticated: server CPU per call",
        value: quantile(micros.lyceum),
        unit: "µs",
        ratio: quantile(micros.lyceum) / quantile(micros.bare),
        bound: "<= 1",
        note: `bare connect-node ${quantile(micros.bare).toFixed(0)} µs; ${rounds} interleaved rounds of ${requestsPerRound}`,
      },
    ];
  } finally {
    await Promise.all(sides.map(({ child }) => endSide(child)));
    rmSync(home, { recursive: true, force: true });
  }
}
