import { setTimeout as sleep } from "node:timers/promises";
import { signUp } from "@lyceum/testing/person.ts";
import type { Figure } from "../figure.ts";
import { countFigure, type Mode, startDeployment } from "./deployment.ts";

const tabs = 20;
const graceMs = 30_000;

/** F9: tabs that refresh one token at once, a lost response, and a token used again after its grace. */
export async function faultRefresh(mode: Mode, rounds = 50): Promise<Figure[]> {
  await using deployment = await startDeployment(mode);
  const { url } = deployment;
  const person = await signUp(url);
  const refresh = async (refreshToken: string) => {
    const res = await fetch(`${url}/v1/auth/refresh`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refreshToken }),
    });
    return { status: res.status, session: (await res.json()).session };
  };
  let token = person.refreshToken;
  let loggedOut = 0;
  let forks = 0;
  for (let round = 0; round < rounds; round += 1) {
    const answers = await Promise.all(Array.from({ length: tabs }, () => refresh(token)));
    loggedOut += answers.filter(({ status }) => status !== 200).length;
    const successors = new Set(answers.map(({ session }) => session?.refreshToken));
    forks += successors.size - 1;
    // A tab whose answer was lost asks once more with what it had.
    const again = await refresh(token);
    if (again.session?.refreshToken !== answers[0]?.session?.refreshToken) forks += 1;
    token = again.session.refreshToken;
  }
  const stolen = token;
  const { session } = await refresh(stolen);
  await sleep(graceMs + 1_000);
  const reuse = await refresh(stolen);
  const start = performance.now();
  let revokedMs = Number.NaN;
  while (performance.now() - start < 5_000) {
    const res = await fetch(`${url}/v1/account`, { headers: { authorization: `Bearer ${session.accessToken}` } });
    if (res.status === 401) {
      revokedMs = performance.now() - start;
      break;
    }
    await sleep(10);
  }
  const note = `${mode}; ${rounds} rounds of ${tabs} tabs and a lost response each`;
  return [
    countFigure("F9", "honest logouts", loggedOut, note),
    countFigure("F9", "second successors of one token", forks, note),
    countFigure(
      "F9",
      "reuse after the grace that was let through",
      reuse.status === 401 ? 0 : 1,
      `${mode}; after 31 s`,
    ),
    { id: "F9", name: "family revoked after reuse", value: revokedMs / 1_000, unit: "s", bound: "<= 1", note: mode },
  ];
}
