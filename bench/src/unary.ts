import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { callRpc } from "./call-rpc.ts";
import { type Figure, quantile } from "./figure.ts";

const rounds = 7;
const requestsPerRound = 4_000;
const connections = 8;
const getProfile = "lyceum.profile.v1.ProfileService/GetProfile";

type Side = { url: string; child: ChildProcess };

/** S1: server CPU per authenticated unary call with all interceptors, against a bare connect-node server, both JSON over HTTP/1.1. */
export async function benchUnary(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
  const { publicKey, privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const key = JSON.stringify({ ...(await exportJWK(publicKey)), kid: "bench", alg: "EdDSA", use: "sig" });
  const token = await new SignJWT({ sid: "bench", roles: [] })
    .setProtectedHeader({ alg: "EdDSA", kid: "bench" })
    .setIssuer("http://bench.invalid")
    .setSubject("019a0000-0000-7000-8000-000000000000")
    .setAudience("lyceum")
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(privateKey);
  const sides: Side[] = [];
  try {
    const bare = await startSide(["connect", home, key], sides);
    const lyceum = await startSide(["lyceum", home, key], sides);
    const micros = { bare: [] as number[], lyceum: [] as number[] };
    for (const side of sides) await measure(side, token);
    for (let round = 0; round < rounds; round++) {
      micros.bare.push(await measure(bare, token));
      micros.lyceum.push(await measure(lyceum, token));
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
    await Promise.all(sides.map(({ child }) => end(child)));
    rmSync(home, { recursive: true, force: true });
  }
}

async function startSide(args: string[], sides: Side[]): Promise<Side> {
  const child = fork(join(import.meta.dirname, "unary-server.ts"), args, {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`The ${args[0]} side did not start.`)));
  const [{ url }] = await Promise.race([once(child, "message"), ended]);
  ended.catch(() => {});
  const side = { url, child };
  sides.push(side);
  return side;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.disconnect();
  await ended;
}

/** Microseconds of the server's CPU per call. */
async function measure({ url, child }: Side, token: string): Promise<number> {
  const before = await readCpu(child);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let left = requestsPerRound;
  const worker = async () => {
    while (left-- > 0) await callRpc(url, getProfile, token, { userId: "me" }, agent);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return ((await readCpu(child)) - before) / requestsPerRound;
}

async function readCpu(child: ChildProcess): Promise<number> {
  const answered = once(child, "message");
  child.send("cpu");
  return (await answered)[0];
}
