/** `npm run bench -- [name or id …] [--json]`: measures figures as ratios against a peer in the same run. */
import { benchEvents } from "./events.ts";
import { benchFirstToken } from "./first-token.ts";
import { benchGateway } from "./gateway.ts";
import { benchInProcess } from "./in-process.ts";
import { benchIngest } from "./ingest.ts";
import { benchLive } from "./live.ts";
import { benchReady } from "./ready.ts";
import { runFigures } from "./run-figures.ts";
import { benchSends } from "./sends.ts";
import { benchSignIn } from "./sign-in.ts";
import { benchUnary } from "./unary.ts";
import { benchUpload } from "./upload.ts";

await runFigures(
  [
    { name: "unary", ids: ["S1"], run: benchUnary },
    { name: "in-process", ids: ["S2"], run: benchInProcess },
    { name: "gateway", ids: ["S3"], run: benchGateway },
    { name: "first-token", ids: ["S12"], run: benchFirstToken },
    { name: "sends", ids: ["S8"], run: benchSends },
    { name: "live", ids: ["S7", "S9"], run: benchLive },
    { name: "sign-in", ids: ["S4"], run: benchSignIn },
    { name: "upload", ids: ["S6"], run: benchUpload },
    { name: "ready", ids: ["S13"], run: benchReady },
    { name: "events", ids: ["E1", "E2"], run: benchEvents },
    { name: "ingest", ids: ["S10"], run: benchIngest },
  ],
  process.argv.slice(2),
);
