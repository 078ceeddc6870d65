import type { Logger } from "pino";
import type { Front, ServiceName } from "./define-service.ts";
import { type Home, openHome } from "./home.ts";
import { openLog } from "./log.ts";
import { createHealth, notReady, type Relied } from "./server/health.ts";
import { type OnePort, openOnePort } from "./server/one-port.ts";
import type { Settings } from "./settings.ts";

/** What stands before any service opens: the folder, the log and the port, which answers that it isn't ready. */
export type Frame = {
  readonly home: Home;
  readonly log: Logger;
  readonly port: OnePort;
  readonly publicUrl: string;
  readonly stopping: AbortController;
  readonly shutdown: AbortController;
  /** Hears what the start waits for. */
  readonly onWaiting: (names: readonly string[]) => void;
  serve(surface: Front, engines: readonly Relied[]): void;
  /** Answers from now on that the process stops; calls that came before go on. */
  refuse(): void;
};

/** Takes the folder, opens the log and listens. All of it ends with `starting`. */
export async function openFrame(
  settings: Settings,
  services: readonly ServiceName[],
  logTo: "stderr" | "file" | undefined,
  starting: AsyncDisposableStack,
): Promise<Frame> {
  const home = starting.use(await openHome(settings.home));
  const { log } = starting.use(
    openLog(settings.logLevel, logTo === "stderr" ? undefined : await home.subfolder("log")),
  );
  const health = createHealth(services);
  let front = notReady;
  const port = await openOnePort(
    settings.hosts,
    settings.port,
    (req, res) => {
      if (!health.handle(req, res)) front.request(req, res);
    },
    (req, socket, head) => front.upgrade(req, socket, head),
  );
  const shutdown = new AbortController();
  starting.defer(() => port.close(0));
  return {
    home,
    log,
    port,
    // People reach a process without a front through the gateway of another one.
    publicUrl: settings.publicUrl ?? `http://localhost:${settings.hostsFront ? port.port : 8080}`,
    stopping: new AbortController(),
    shutdown,
    onWaiting: health.waitingFor,
    serve(surface, engines) {
      front = surface;
      health.ready(engines);
    },
    refuse() {
      front = notReady;
      health.stopping();
    },
  };
}
