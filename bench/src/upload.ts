import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { type Figure, quantile } from "./figure.ts";

const mebi = 2 ** 20;
const rounds = 5;
const sizeBytes = 256 * mebi;
const sampleEveryMs = 100;

/** S6: a resumable upload, hashed and synced, against a plain PUT to a file; and what it holds as files grow. */
export async function benchUpload(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
  const peer = fork(join(import.meta.dirname, "put-server.ts"), [home], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  try {
    const [{ url }] = await once(peer, "message");
    await using program = await startProgram(join(home, "lyceum"));
    const person = await signUp(program.url);
    const rates = { put: [] as number[], tus: [] as number[] };
    await upload(program, person, sizeBytes);
    for (let round = 0; round < rounds; round++) {
      rates.put.push(await timeMs(() => send("PUT", url, {}, sizeBytes)).then(toRate));
      rates.tus.push((await upload(program, person, sizeBytes)).rate);
    }
    const small = await upload(program, person, 64 * mebi);
    const large = await upload(program, person, 512 * mebi);
    const [put, tus] = [quantile(rates.put), quantile(rates.tus)];
    return [
      {
        id: "S6",
        name: "resumable upload with SHA-256, through the gateway",
        value: tus,
        unit: "MB/s",
        ratio: tus / put,
        bound: ">= 0.7",
        note: `plain PUT to a file, synced: ${put.toFixed(0)} MB/s; ${rounds} interleaved rounds of ${sizeBytes / mebi} MiB`,
      },
      {
        id: "S6",
        name: "most memory held during an upload of 512 MiB",
        value: large.memoryBytes / mebi,
        unit: "MB",
        ratio: large.memoryBytes / small.memoryBytes,
        bound: "<= 1.2",
        note: `64 MiB: ${(small.memoryBytes / mebi).toFixed(0)} MB; PSS of everything`,
      },
    ];
  } finally {
    peer.disconnect();
    rmSync(home, { recursive: true, force: true });
  }
}

const toRate = (ms: number) => sizeBytes / 1e3 / ms;

/** Begins and sends an upload in one PATCH, and erases the file again; answers MB/s and the most memory held. */
async function upload(program: Program, person: Person, bytes: number): Promise<{ rate: number; memoryBytes: number }> {
  const tus = { authorization: `Bearer ${person.token}`, "tus-resumable": "1.0.0" };
  const begin = { ...tus, "upload-length": `${bytes}` };
  const { headers } = await send("POST", `${program.url}/v1/uploads`, begin, 0);
  const add = { ...tus, "upload-offset": "0", "content-type": "application/offset+octet-stream" };
  let memoryBytes = 0;
  const sampling = setInterval(() => {
    try {
      memoryBytes = Math.max(memoryBytes, program.memoryBytes());
    } catch {
      // A child that has just ended.
    }
  }, sampleEveryMs);
  const ms = await timeMs(async () => {
    const answer = await send("PATCH", `${program.url}${headers.location}`, add, bytes);
    await person.post(`/v1/files/${answer.headers["lyceum-file-id"]}:purge`, {});
  });
  clearInterval(sampling);
  return { rate: bytes / 1e3 / ms, memoryBytes };
}

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const piece = randomBytes(mebi);

function send(method: string, url: string, headers: Record<string, string>, bytes: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method, headers: { ...headers, "content-length": bytes } });
    req.on("error", reject);
    req.on("response", (res) => {
      res.resume();
      res.on("end", () => {
        if ((res.statusCode ?? 500) < 300) resolve(res);
        else reject(new Error(`status ${res.statusCode}`));
      });
    });
    let left = bytes / piece.length;
    const write = () => {
      while (left > 0) {
        left -= 1;
        if (!req.write(piece)) return void req.once("drain", write);
      }
      req.end();
    };
    write();
  });
}
