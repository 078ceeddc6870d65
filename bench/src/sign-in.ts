import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Person, password, signUp } from "@lyceum/testing/person.ts";
import { startProgram } from "@lyceum/testing/start-program.ts";
import { hashSync, verify, verifySync } from "@node-rs/argon2";
import { type Figure, quantile } from "./figure.ts";
import { type Caller, openCaller } from "./open-caller.ts";

const cores = availableParallelism();
const rounds = 5;
const roundMs = 6_000;
const accounts = 24;
const getAccount = "lyceum.identity.v1.IdentityService/GetAccount";
const signIn = "lyceum.identity.v1.IdentityService/SignIn";

/** S4: sign-ins per second against what the cores could verify if they did nothing else, and what others notice of them. */
export async function benchSignIn(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
  try {
    await using program = await startProgram(home);
    using caller = openCaller(program.url);
    const people: Person[] = [];
    for (let count = 0; count < accounts; count += 1) people.push(await signUp(program.url));
    const verifyMs: number[] = [];
    const atOnceMs: number[] = [];
    const perSecond: number[] = [];
    const calm: number[] = [];
    const storm: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      verifyMs.push(timeVerify());
      atOnceMs.push(await timeVerifiesAtOnce());
      calm.push(...(await otherCalls(caller, people[0] as Person)));
      const end = Date.now() + roundMs;
      const [others, done] = await Promise.all([
        otherCalls(caller, people[0] as Person),
        Promise.all(people.map((person) => signInUntil(end, caller, person))),
      ]);
      storm.push(...others);
      perSecond.push((done.reduce((sum, count) => sum + count, 0) * 1_000) / roundMs);
    }
    const capacity = (cores * 1_000) / quantile(verifyMs);
    const capacityAtOnce = (cores * 1_000) / quantile(atOnceMs);
    return [
      {
        id: "S4",
        name: "sign-ins per second against cores ÷ one argon2id verify",
        value: quantile(perSecond),
        unit: "/s",
        ratio: quantile(perSecond) / capacity,
        bound: ">= 0.85",
        note: `${cores} cores, one verify ${quantile(verifyMs).toFixed(1)} ms; ${cores} at once, and nothing else, do ${capacityAtOnce.toFixed(0)}/s; the caller shares the cores`,
      },
      {
        id: "S4",
        name: "other calls' p99 during a sign-in storm",
        value: quantile(storm, 0.99),
        unit: "ms",
        ratio: quantile(storm, 0.99) / quantile(calm, 0.99),
        bound: "<= 2",
        note: `calm ${quantile(calm, 0.99).toFixed(1)} ms; ${accounts} people signing in without a pause`,
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** A password as identity keeps it. */
const stored = hashSync(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

/** Milliseconds of one verification, with nothing beside it. */
function timeVerify(): number {
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    verifySync(stored, password);
    return performance.now() - start;
  });
  return quantile(times);
}

/** Milliseconds of as many verifications at once as there are cores, which share caches and memory. */
async function timeVerifiesAtOnce(): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 15; count += 1) {
    const start = performance.now();
    await Promise.all(Array.from({ length: cores }, () => verify(stored, password)));
    times.push(performance.now() - start);
  }
  return quantile(times);
}

async function signInUntil(end: number, caller: Caller, { email }: Person): Promise<number> {
  let count = 0;
  for (; Date.now() < end; count += 1) await caller.call(signIn, "", { email, password });
  return count;
}

/** How long calls take that come at a steady pace. */
async function otherCalls(caller: Caller, { token }: Person): Promise<number[]> {
  const tookMs: number[] = [];
  for (const end = Date.now() + roundMs; Date.now() < end; await sleep(10)) {
    const start = performance.now();
    await caller.call(getAccount, token, {});
    tookMs.push(performance.now() - start);
  }
  return tookMs;
}
