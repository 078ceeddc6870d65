/**
 * `npm run faults -- [name or id …] [--scaled] [--engine=…] [--slow] [--seconds=60] [--json]`: does to Lyceum what may happen to it,
 * and counts what it promised and did not keep. With `--scaled` it is a process per service on the real engines.
 */
import { faultCanaries } from "./faults/canaries.ts";
import { faultEngines } from "./faults/engines.ts";
import { faultEvents } from "./faults/events.ts";
import { faultGuesses } from "./faults/guesses.ts";
import { faultKills } from "./faults/kills.ts";
import { faultPoison } from "./faults/poison.ts";
import { faultRefresh } from "./faults/refresh.ts";
import { faultRolling } from "./faults/rolling.ts";
import { faultSignOut } from "./faults/sign-out.ts";
import { runSuite } from "./faults/suite.ts";
import { runFigures } from "./run-figures.ts";

const args = process.argv.slice(2);
const mode = args.includes("--scaled") ? "scaled" : "embedded";
/** `--engine=kafka`: of F5 only this engine; `--slow`: it is slow, not away (in one process only the model); `--seconds=20`: for so long. */
const engineFault = {
  only: readOption(args, "engine"),
  slow: args.includes("--slow"),
  forMs: Number(readOption(args, "seconds") ?? 60) * 1_000,
};

const hostileFiles = [
  "services/ingest/src/parsers/",
  "services/ingest/src/parsing/",
  "services/ingest/src/rpc/",
  "services/files/src/file-name.test.ts",
];

await runFigures(
  [
    { name: "kills", ids: ["F1"], run: () => faultKills(mode) },
    { name: "rolling", ids: ["F2"], run: () => faultRolling() },
    { name: "events", ids: ["F3"], run: () => faultEvents(mode) },
    {
      name: "poison",
      ids: ["F4"],
      run: async () => [
        ...(await faultPoison(mode)),
        ...(await runSuite("F4", "poison events", mode, ["lib/events"], "parks|dead|waits")),
      ],
    },
    { name: "engines", ids: ["F5"], run: () => faultEngines(mode, engineFault) },
    { name: "rights", ids: ["F8"], run: () => runSuite("F8", "every RPC × everybody", mode, ["rights.e2e"]) },
    { name: "refresh", ids: ["F9"], run: () => faultRefresh(mode, readRounds(args)) },
    { name: "guesses", ids: ["F11"], run: () => faultGuesses(mode) },
    { name: "canaries", ids: ["F18"], run: () => faultCanaries() },
    { name: "sign-out", ids: ["F10"], run: () => faultSignOut(mode) },
    {
      name: "fuzz",
      ids: ["F12"],
      run: () =>
        runSuite("F12", "1,000 random bodies and bombs", mode, ["fuzz.e2e"], undefined, {
          env: { LYCEUM_FUZZ_BODIES: "1000" },
        }),
    },
    {
      name: "bombs",
      ids: ["F13"],
      // The parsers are the same in both modes.
      run: () => runSuite("F13", "bombs, polyglots and evil names", "embedded", hostileFiles),
    },
    {
      name: "hostile-files",
      ids: ["F14"],
      run: () => runSuite("F14", "user files in a browser", mode, ["hostile-files.e2e"], undefined, { browser: true }),
    },
  ],
  args,
);

/** How often F9 refreshes in parallel; figures ask for 1,000. */
function readRounds(args: readonly string[]): number | undefined {
  const rounds = readOption(args, "rounds");
  return rounds === undefined ? undefined : Number(rounds);
}

/** What stands after `--name=`. */
function readOption(args: readonly string[], name: string): string | undefined {
  const start = `--${name}=`;
  return args.find((arg) => arg.startsWith(start))?.slice(start.length);
}
