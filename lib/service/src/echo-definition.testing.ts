import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import { z } from "zod";
import { callerOf, forward } from "./caller.ts";
import { defineService, type Host, type OpenService, type ServiceDefinition } from "./define-service.ts";
import { type Echo, EchoInternalService, EchoService } from "./echo-service.testing.ts";
import { fail } from "./errors.ts";

/** The echo service as a process hosts it. Texts ask for what is to be seen. */
export function defineEcho(
  name: "files" | "ingest" | "gateway",
  more: Partial<OpenService> = {},
): ServiceDefinition<Record<string, never>> {
  return defineService({
    name,
    rpcs: name === "gateway" ? [] : [EchoService, EchoInternalService],
    publishes: [],
    ...(name === "files" ? { migrations: emptyMigrations() } : {}),
    config: z.object({}),
    open: async (host) => ({ ...(name === "files" ? { routes: mountEcho(host) } : {}), ...more }),
  });
}

/** A database of its own, with nothing in it but what every service gets. */
function emptyMigrations(): string {
  const folder = mkdtempSync(join(tmpdir(), "lyceum-migrations-"));
  mkdirSync(join(folder, "meta"));
  writeFileSync(
    join(folder, "meta/_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries: [] }),
  );
  return folder;
}

function mountEcho(host: Host) {
  const say = async (req: Echo, ctx: Parameters<typeof callerOf>[0]) => {
    const [what] = req.text.split(" ");
    if (what === "hang") await new Promise(() => {});
    if (what === "slow") await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (what === "bug") throw new Error("a secret inside");
    if (what === "away") throw Object.assign(new Error("no"), { code: "ECONNREFUSED" });
    if (what === "fail") throw fail(Code.NotFound, "GONE", "It is gone.");
    if (what === "caller") return { text: JSON.stringify(callerOf(ctx)) };
    if (what === "forward") return host.clients.of(EchoInternalService).sayAsPerson({ text: "caller" }, forward(ctx));
    return req;
  };
  const watch = async function* ({ text }: Echo, ctx: Parameters<typeof callerOf>[0]) {
    yield { text };
    if (text !== "short") await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
  };
  const rpcs = {
    say,
    read: say,
    sayAsPerson: say,
    sayAsTeacher: say,
    sayAsService: say,
    sayToNobody: say,
    watch,
    watchAsPerson: watch,
    collect: async (requests: AsyncIterable<Echo>) => {
      const words: string[] = [];
      for await (const { text } of requests) words.push(text);
      return { words };
    },
  };
  return (router: ConnectRouter) => router.service(EchoService, rpcs).service(EchoInternalService, rpcs);
}
