import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeBenchToken } from "./bench-token.ts";
import { endSide, measureCpu, requestsPerRound, rounds, type Side, startSide } from "./cpu-sides.ts";
import { type Figure, quantile } from "./figure.ts";

/** S3: CPU per request that the gateway adds before a service, against a proxy of undici's that only passes bytes. */
export async function benchGateway(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
  const { key, token } = await makeBenchToken();
  const sides: Side[] = [];
  const start = (...args: string[]) => startSide("gateway-server.ts", args, sides);
  try {
    const behind = await start("service");
    const proxy = await start("proxy", behind.url);
    const gateway = await start("gateway", behind.url, home, key);
    const micros = { proxy: [] as number[], gateway: [] as number[] };
    for (const side of [proxy, gateway]) await measureCpu(side, token);
    for (let round = 0; round < rounds; round++) {
      micros.proxy.push(await measureCpu(proxy, token));
      micros.gateway.push(await measureCpu(gateway, token));
    }
    return [
      {
        id: "S3",
        name: "gateway: CPU per request with token, limit, log and trace",
        value: quantile(micros.gateway),
        unit: "µs",
        ratio: quantile(micros.gateway) / quantile(micros.proxy),
        bound: "<= 1.3",
        note: `undici proxy ${quantile(micros.proxy).toFixed(0)} µs; ${rounds} interleaved rounds of ${requestsPerRound}`,
      },
    ];
  } finally {
    await Promise.all(sides.map(({ child }) => endSide(child)));
    rmSync(home, { recursive: true, force: true });
  }
}
