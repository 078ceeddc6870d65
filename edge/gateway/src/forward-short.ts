import type { IncomingMessage, ServerResponse } from "node:http";
import { type Dispatcher, Pool } from "undici";
import { passedHeaders } from "./passed-headers.ts";

const maxShortBytes = 64 * 1024;

/** True if a request's body is known to be small: most calls, which go out in one write. */
export function isShort(req: IncomingMessage): boolean {
  return Number(req.headers["content-length"] ?? 0) <= maxShortBytes;
}

/** Forwards requests whose body is read before they are sent, at half the cost of a `node:http` request. */
export type ShortForwarder = Disposable & {
  /** Streams the answer back; `fail` is told of an error before or within it. */
  forward(req: IncomingMessage, res: ServerResponse, fail: (cause: unknown) => void): void;
};

/** Opens the way to the process at `url`. How long an answer may take is said by deadlines, not here. */
export function createShortForwarder(url: string): ShortForwarder {
  const pool = new Pool(new URL(url).origin, { headersTimeout: 0, bodyTimeout: 0 });
  return {
    forward(req, res, fail) {
      const chunks: Buffer[] = [];
      req.on("data", (chunk: Buffer) => chunks.push(chunk));
      req.once("end", () => {
        const options = { path: req.url ?? "/", method: req.method ?? "GET", headers: passedHeaders(req.headers) };
        const [body = null] = chunks.length > 1 ? [Buffer.concat(chunks)] : chunks;
        pool.dispatch({ ...options, body } as Dispatcher.DispatchOptions, passBack(res, fail));
      });
    },
    [Symbol.dispose]: () => void pool.destroy(),
  };
}

function passBack(res: ServerResponse, fail: (cause: unknown) => void): Dispatcher.DispatchHandler {
  const gone = () => new Error("The caller has gone.");
  return {
    onRequestStart(controller) {
      if (res.closed) controller.abort(gone());
      else res.once("close", () => res.writableFinished || controller.abort(gone()));
    },
    onResponseStart(_, status, headers) {
      if (status < 200) return;
      res.writeHead(status, passedHeaders(headers));
      // Whoever sends an answer as it grows may be silent for long; any other goes out in one write with its first bytes.
      if (headers["content-length"] === undefined) res.flushHeaders();
    },
    onResponseData(controller, chunk) {
      if (res.write(chunk)) return;
      controller.pause();
      res.once("drain", () => controller.resume());
    },
    onResponseEnd: () => void res.end(),
    onResponseError: (_, error) => fail(error),
  };
}
