import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { eventually, tempFolder } from "@lyceum/testing";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";

type Span = { traceId: string; spanId: string; parentSpanId?: string; name: string };
type Points = { dataPoints: { attributes?: { key: string }[] }[] };
type Metric = { name: string; unit: string; histogram?: Points; gauge?: Points };

const spans: Span[] = [];
const metrics: Metric[] = [];
const bodies: string[] = [];
let receiver: ReturnType<typeof createServer>;
let program: Program;
let ada: Person;

/** Takes OTLP/HTTP in JSON as a collector does. */
async function receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await text(req);
  bodies.push(body);
  const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(body);
  // biome-ignore lint/suspicious/noExplicitAny: OTLP's JSON as it comes
  for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans as any[]) spans.push(...scope.spans);
  for (const { scopeMetrics } of resourceMetrics) {
    // biome-ignore lint/suspicious/noExplicitAny: OTLP's JSON as it comes
    for (const scope of scopeMetrics as any[]) metrics.push(...scope.metrics);
  }
  res.setHeader("content-type", "application/json");
  res.end("{}");
}

beforeAll(async () => {
  receiver = createServer((req, res) => void receive(req, res)).listen(0, "127.0.0.1");
  await new Promise((resolve) => receiver.once("listening", resolve));
  const { port } = receiver.address() as AddressInfo;
  program = await startProgram(await tempFolder(), {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_METRIC_EXPORT_INTERVAL: "1000",
  });
  ada = await signUp(program.url, "Ada");
}, 300_000);

afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
  receiver?.close();
});

const traceId = () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex");
const callerSpan = "00f067aa0ba902b7";
const traceOf = (id: string) => spans.filter((span) => span.traceId === id);

/** Every span of the trace has its parent in it, or is the caller's own. */
function expectUnbroken(id: string): void {
  const trace = traceOf(id);
  const known = new Set([callerSpan, ...trace.map(({ spanId }) => spanId)]);
  expect(trace.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ""))).toEqual([]);
}

test("one trace leads from an upload to the indexed document", async () => {
  const id = traceId();
  const res = await ada.fetch("/v1/files?name=tides.md", {
    method: "POST",
    headers: { traceparent: `00-${id}-${callerSpan}-01` },
    body: "# Tides\n\nSpring tides happen when the sun and the moon pull in line. kittiwake\n",
  });
  expect(res.headers.get("lyceum-trace-id")).toBe(id);
  await ada.settled((await res.json()).file.id);
  const steps = [
    "POST",
    "POST /v1/files",
    "publish lyceum.files.v1.FileUploaded",
    "process lyceum.files.v1.FileUploaded",
    "job parse",
    "publish lyceum.ingest.v1.DocumentParsed",
    "process lyceum.ingest.v1.DocumentParsed",
    "job index",
    "publish lyceum.rag.v1.DocumentSearchable",
    "job embed",
    "publish lyceum.rag.v1.DocumentIndexed",
    "process lyceum.rag.v1.DocumentIndexed",
  ];
  await eventually(
    () => {
      const names = traceOf(id).map(({ name }) => name);
      for (const step of steps) expect(names).toContain(step);
      expectUnbroken(id);
    },
    { timeoutMs: 20_000 },
  );
});

test("one trace leads from a question to its first token, and its id is in the answer", async () => {
  const id = traceId();
  const res = await ada.fetch("/v1/ask", {
    method: "POST",
    headers: {
      traceparent: `00-${id}-${callerSpan}-01`,
      "content-type": "application/json",
      accept: "text/event-stream",
    },
    body: JSON.stringify({ question: "When do spring tides happen?" }),
  });
  expect(await res.text()).toContain(`"traceId":"${id}"`);
  await eventually(
    () => {
      const names = traceOf(id).map(({ name }) => name);
      for (const step of ["POST", "lyceum.rag.v1.RagService/Ask", "retrieve", "first token"])
        expect(names).toContain(step);
      expectUnbroken(id);
    },
    { timeoutMs: 20_000 },
  );
});

/** What a Prometheus that takes OTLP calls a metric and its labels. */
function toSeries({ name, unit, histogram, gauge }: Metric): { names: string[]; labels: string[] } {
  const flat = (word: string) => word.replaceAll(".", "_");
  const base = flat(name) + (unit === "ms" ? "_milliseconds" : unit === "1" && gauge ? "_ratio" : "");
  const labels = (histogram ?? gauge)?.dataPoints.flatMap(({ attributes = [] }) =>
    attributes.map(({ key }) => flat(key)),
  );
  return {
    names: histogram ? ["_bucket", "_count", "_sum"].map((suffix) => base + suffix) : [base],
    labels: [...(labels ?? []), ...(histogram ? ["le"] : [])],
  };
}

/** The metrics and labels of an expression in PromQL. */
function readQuery(query: string): { names: string[]; labels: string[] } {
  const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
  const matched = [...query.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = ""]) => label);
  const bare = query.replace(/\bby \([^)]*\)|\{[^}]*\}|\[[^\]]*\]/g, " ");
  const names = [...bare.matchAll(/[a-z]\w*(?!\w|\s*\()/g)].map(([name]) => name);
  return { names, labels: [...grouped, ...matched] };
}

/** Every expression of the dashboards and alerts that are deployed. */
async function readQueries(): Promise<string[]> {
  const folder = join(import.meta.dirname, "../../../deploy/grafana");
  const queries: string[] = [];
  JSON.parse(await readFile(join(folder, "dashboards/lyceum.json"), "utf8"), (key, value) => {
    if (key === "expr") queries.push(value);
    return value;
  });
  const alerts = parse(await readFile(join(folder, "alerts.yaml"), "utf8"));
  // biome-ignore lint/suspicious/noExplicitAny: YAML as it comes
  return [...queries, ...alerts.groups.flatMap(({ rules }: any) => rules.map(({ expr }: any) => expr))];
}

test("every metric and label that the dashboards and alerts ask for is sent", async () => {
  const queries = (await readQueries()).map(readQuery);
  expect(queries.length).toBeGreaterThan(12);
  // Only processes that call others have circuits.
  const isSent = (name: string) => process.env.LYCEUM_TEST_MODE === "scaled" || name !== "lyceum_calls_open_circuit";
  await eventually(
    () => {
      const series = metrics.map(toSeries);
      for (const { names, labels } of queries.filter((query) => query.names.every(isSent))) {
        for (const name of names) {
          const found = series.filter((one) => one.names.includes(name));
          expect(found, name).not.toEqual([]);
          expect(
            found.flatMap((one) => one.labels),
            name,
          ).toEqual(expect.arrayContaining(labels));
        }
      }
    },
    { timeoutMs: 20_000 },
  );
});

test("nothing that was sent holds a text, an address or a token", () => {
  const all = bodies.join("\n");
  for (const secret of ["kittiwake", ada.email, ada.password, ada.token, "spring tides"])
    expect(all).not.toContain(secret);
});
