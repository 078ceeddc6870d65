import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { openCaller } from "./open-caller.ts";

export const rounds = 7;
export const requestsPerRound = 4_000;
const connections = 8;
const getProfile = "lyceum.profile.v1.ProfileService/GetProfile";

/** A server in a process of its own, which tells the CPU time it has used for every message. */
export type Side = { url: string; child: ChildProcess };

/** Starts `script` and waits for its `{ url }`; adds it to those that are to be ended. */
export async function startSide(script: string, args: string[], sides: Side[]): Promise<Side> {
  const child = fork(join(import.meta.dirname, script), args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`The ${args[0]} side did not start.`)));
  const [{ url }] = await Promise.race([once(child, "message"), ended]);
  ended.catch(() => {});
  const side = { url, child };
  sides.push(side);
  return side;
}

/** Lets a side stop in order. */
export async function endSide(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.disconnect();
  await ended;
}

/** Microseconds of the server's CPU per GetProfile, in JSON over HTTP/1.1. */
export async function measureCpu({ url, child }: Side, token: string): Promise<number> {
  const before = await readCpu(child);
  using caller = openCaller(url);
  let left = requestsPerRound;
  const worker = async () => {
    while (left-- > 0) await caller.call(getProfile, token, { userId: "me" });
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return ((await readCpu(child)) - before) / requestsPerRound;
}

async function readCpu(child: ChildProcess): Promise<number> {
  const answered = once(child, "message");
  child.send("cpu");
  return (await answered)[0];
}
