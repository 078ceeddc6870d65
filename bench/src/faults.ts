/**
 * `npm run faults -- [name or id …] [--scaled] [--engine=…] [--json]`: does to Lyceum what may happen to it, and counts what it promised and did
 * not keep. With `--scaled` it is a process per service on the real engines.
 */
import { faultCanaries } from "./faults/canaries.ts";
import { faultEngines } from "./faults/engines.ts";
import { faultEvents } from "./faults/events.ts";
import { faultGuesses } from "./faults/guesses.ts";
import { faultKills } from "./faults/kills.ts";
import { faultRefresh } from "./faults/refresh.ts";
import { faultRolling } from "./faults/rolling.ts";
import { faultSignOut } from "./faults/sign-out.ts";
import { runSuite } from "./faults/suite.ts";
import { runFigures } from "./run-figures.ts";

const args = process.argv.slice(2);
const mode = args.includes("--scaled") ? "scaled" : "embedded";
/** `--engine=kafka`: of F5 only this outage. */
const engine = args.find((arg) => arg.startsWith("--engine="))?.slice("--engine=".length);

await runFigures(
  [
    { name: "kills", ids: ["F1"], run: () => faultKills(mode) },
    { name: "rolling", ids: ["F2"], run: () => faultRolling() },
    { name: "events", ids: ["F3"], run: () => faultEvents(mode) },
    {
      name: "poison",
      ids: ["F4"],
      run: () => runSuite("F4", "poison events", mode, ["lib/events"], "parks|dead|waits"),
    },
    { name: "engines", ids: ["F5"], run: () => faultEngines(mode, engine) },
    { name: "rights", ids: ["F8"], run: () => runSuite("F8", "every RPC × everybody", mode, ["rights.e2e"]) },
    { name: "refresh", ids: ["F9"], run: () => faultRefresh(mode, readRounds(args)) },
    { name: "guesses", ids: ["F11"], run: () => faultGuesses(mode) },
    { name: "canaries", ids: ["F18"], run: () => faultCanaries() },
    { name: "sign-out", ids: ["F10"], run: () => faultSignOut(mode) },
    {
      name: "fuzz",
      ids: ["F12"],
      run: () =>
        runSuite("F12", "1,000 random bodies and bombs", mode, ["fuzz.e2e"], undefined, { LYCEUM_FUZZ_BODIES: "1000" }),
    },
    {
      name: "hostile-files",
      ids: ["F13", "F14"],
      run: () => runSuite("F14", "user files in a browser", mode, ["hostile-files"]),
    },
  ],
  args,
);

/** How often F9 refreshes in parallel; figures ask for 1,000. */
function readRounds(args: readonly string[]): number | undefined {
  const rounds = args.find((arg) => arg.startsWith("--rounds="))?.slice("--rounds=".length);
  return rounds === undefined ? undefined : Number(rounds);
}
