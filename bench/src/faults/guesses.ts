import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Figure, quantile } from "../figure.ts";
import { countFigure, type Mode, startDeployment } from "./deployment.ts";

const guesses = 10_000;
const sprayedAccounts = 10_000;
const parallel = 40;
const pairs = 30;
const password = "correct horse battery staple";

type Answer = { status: number; body: string; tookMs: number };

/** F11: guessing at one account, one password on many accounts, and asking which accounts there are. */
export async function faultGuesses(mode: Mode): Promise<Figure[]> {
  // Every call names the address it comes from, as a proxy would.
  const env = { GATEWAY_TRUSTED_PROXIES: "127.0.0.1", IDENTITY_EMAIL_VERIFICATION: "required" };
  await using deployment = await startDeployment(mode, env);
  const { url } = deployment;
  const post = (path: string, body: object, address: string) => call(`${url}/v1/auth/${path}`, body, address);
  const join = async (email: string) => {
    await post("sign-up", { email, password }, addressOf(count++));
    await post("verify-email", { token: await readToken(url, email), password }, addressOf(count++));
  };
  let count = 0;

  const owner = `${randomUUID()}@example.org`;
  await join(owner);
  const first = JSON.parse((await post("sign-in", { email: owner, password }, "192.0.2.1")).body);
  const onOneAccount = await inParallel(guesses, (index) =>
    post("sign-in", { email: owner, password: `guess ${index} of many` }, addressOf(index)),
  );
  const back = await post("sign-in", { email: owner, password, deviceToken: first.deviceToken }, "192.0.2.1");
  const sprayed = await inParallel(sprayedAccounts, (index) =>
    post("sign-in", { email: `victim-${index}@example.org`, password }, "203.0.113.9"),
  );
  return [
    judged("effective guesses at one account", onOneAccount, 10, `${mode}; ${guesses} passwords from as many networks`),
    countFigure("F11", "owner kept out on a known device", back.status === 200 ? 0 : 1, mode),
    judged("effective guesses from one network", sprayed, 120, `${mode}; one password on ${sprayedAccounts} accounts`),
    ...(await enumerate(post, join, mode)),
  ];
}

/** Asks the same of accounts that exist and of ones that do not, in turn. */
async function enumerate(
  post: (path: string, body: object, address: string) => Promise<Answer>,
  join: (email: string) => Promise<void>,
  mode: Mode,
): Promise<Figure[]> {
  const known = Array.from({ length: pairs }, () => `${randomUUID()}@example.org`);
  for (const email of known) await join(email);
  const figures: Figure[] = [];
  let network = 100_000;
  for (const [path, more] of [
    ["sign-in", { password: "a wrong password" }],
    ["sign-up", { password }],
    ["request-password-reset", {}],
  ] as const) {
    const bodies = new Set<string>();
    const tookMs = { known: [] as number[], unknown: [] as number[] };
    for (const email of known) {
      for (const kind of ["known", "unknown"] as const) {
        const to = kind === "known" ? email : `${randomUUID()}@example.org`;
        const answer = await post(path, { email: to, ...more }, addressOf(network++));
        bodies.add(`${answer.status} ${answer.body.replace(/"traceId":"\w+"/, "")}`);
        tookMs[kind].push(answer.tookMs);
        // What the answer set off must not be in the way of the next.
        await sleep(50);
      }
    }
    const [a, b] = [quantile(tookMs.known), quantile(tookMs.unknown)];
    const note = `${mode}; ${pairs} of each, medians ${a.toFixed(1)} and ${b.toFixed(1)} ms`;
    figures.push(countFigure("F11", `${path}: bodies that tell accounts apart`, bodies.size - 1, mode));
    figures.push({
      id: "F11",
      name: `${path}: time of known against unknown`,
      value: Math.max(a, b) / Math.min(a, b),
      unit: "×",
      bound: "<= 1.2",
      note,
    });
  }
  return figures;
}

function judged(name: string, answers: readonly Answer[], limit: number, note: string): Figure {
  const effective = answers.filter(({ status }) => status !== 429).length;
  return { id: "F11", name, value: effective, unit: "", bound: `<= ${limit}`, note };
}

/** An address in a network of its own. */
function addressOf(index: number): string {
  return `${11 + ((index >> 16) & 63)}.${(index >> 8) & 255}.${index & 255}.7`;
}

async function inParallel<T>(total: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    while (next < total) results.push(await work(next++));
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return results;
}

async function call(address: string, body: object, from: string): Promise<Answer> {
  const start = performance.now();
  const res = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": from },
    body: JSON.stringify(body),
  });
  return { status: res.status, body: await res.text(), tookMs: performance.now() - start };
}

/** The token of the latest mail to an address. */
async function readToken(url: string, email: string): Promise<string> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(20)) {
    const res = await fetch(`${url.replace("127.0.0.1", "localhost")}/dev/mail`, {
      headers: { accept: "application/json" },
    });
    const { mails } = (await res.json()) as { mails: { to: string; text: string }[] };
    const token = /#token=(\S+)/.exec(mails.find(({ to }) => to === email)?.text ?? "")?.[1];
    if (token) return token;
  }
  throw new Error(`No mail came to ${email}.`);
}
