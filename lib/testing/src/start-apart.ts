import { join } from "node:path";
import type { Definitions } from "@lyceum/service";
import { layCluster } from "./lay-cluster.ts";
import { startScaled } from "./scaled.ts";
import { engineVariables, findFreePort } from "./start-program.ts";
import { startServices } from "./start-services.ts";
import { tempFolder } from "./temp-folder.ts";

/** Lyceum with its gateway in a process of its own. */
export type Apart = AsyncDisposable & {
  readonly url: string;
  /** Ends the gateway in order and starts it again, while the services stay. */
  restartGateway(): Promise<void>;
};

/**
 * Starts a gateway apart from these services, which run together; in a run on the real engines (`npm run test:engines`) it is
 * every service, each a process.
 */
export async function startApart(gateway: Definitions, services: Definitions): Promise<Apart> {
  const port = await findFreePort();
  if (process.env.LYCEUM_TEST_MODE === "scaled") return startWhole(port);
  const publicUrl = `http://localhost:${port}`;
  await using starting = new AsyncDisposableStack();
  const behind = starting.use(await startServices(services, { env: { LYCEUM_PUBLIC_URL: publicUrl } }));
  const urls = services.map(({ name }) => [`${name.toUpperCase()}_URL`, behind.url]);
  const env = { PORT: `${port}`, LYCEUM_PUBLIC_URL: publicUrl, ...Object.fromEntries(urls) };
  let front = await startServices(gateway, { env });
  const running = starting.move();
  return {
    url: front.url,
    async restartGateway() {
      await front[Symbol.asyncDispose]();
      front = await startServices(gateway, { env });
    },
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await running.disposeAsync();
    },
  };
}

async function startWhole(port: number): Promise<Apart> {
  const home = await tempFolder();
  await layCluster(join(home, "postgres"));
  const env = await engineVariables(home);
  const { signal } = new AbortController();
  const scaled = await startScaled({ home, port, env, say: () => {}, signal });
  return {
    url: scaled.url,
    async restartGateway() {
      await scaled.restart("gateway");
    },
    [Symbol.asyncDispose]: () => scaled[Symbol.asyncDispose](),
  };
}
