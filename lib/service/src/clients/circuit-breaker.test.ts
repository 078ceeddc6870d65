import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createContextValues, type UnaryRequest, type UnaryResponse } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import pino from "pino";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { EchoService } from "../echo-service.testing.ts";
import { fail } from "../errors.ts";
import { useMeter } from "../telemetry/meters.ts";
import { createCircuitBreaker } from "./circuit-breaker.ts";

// Pauses end when a test says so.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

const away = () => new ConnectError("files cannot be reached now.", Code.Unavailable);

/** A callee that answers as it is told, behind a breaker. */
function openCallee() {
  const lines: { level: number; msg: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const breaker = createCircuitBreaker({ callee: "files", log, firstPauseMs: 20 });
  onTestFinished(() => breaker[Symbol.dispose]());
  const callee = { calls: 0, answer: async (): Promise<unknown> => undefined };
  const method = EchoService.method.say;
  const header = new Headers();
  const request = { stream: false, service: EchoService, method, header, message: create(method.input) };
  const req = { ...request, url: "", requestMethod: "POST", signal: new AbortController().signal };
  const next = async () => {
    callee.calls += 1;
    await callee.answer();
    return { ...request, trailer: header } as unknown as UnaryResponse;
  };
  const call = () =>
    breaker.interceptor(next as never)({ ...req, contextValues: createContextValues() } as unknown as UnaryRequest);
  const fail = (error: () => unknown) => {
    callee.answer = () => Promise.reject(error());
  };
  const failures = async (count: number) => {
    for (let n = 0; n < count; n += 1) await expect(call()).rejects.toThrow();
  };
  return { callee, call, fail, failures, lines };
}

test("a callee that is away five times in a row is not called again before the pause is over, and the refusal names it", async () => {
  const { callee, call, fail, failures, lines } = openCallee();
  fail(away);
  await failures(5);
  const refused: ConnectError = await call().then(() => expect.fail(), ConnectError.from);
  expect(callee.calls).toBe(5);
  expect([refused.code, refused.findDetails(ErrorInfoSchema)[0]]).toMatchObject([
    Code.Unavailable,
    { reason: "CIRCUIT_OPEN", metadata: { service: "files" } },
  ]);
  expect(lines).toMatchObject([{ level: 40, callee: "files" }]);
});

test("one probe at a time is let through: it closes the circuit, or opens it for longer", async () => {
  const { callee, call, fail, failures, lines } = openCallee();
  fail(away);
  await failures(5);
  pass(20);
  await failures(1);
  expect(callee.calls).toBe(6);
  pass(39);
  await expect(call()).rejects.toThrow("files does not answer now");
  pass(1);
  const { promise: held, resolve } = Promise.withResolvers<void>();
  callee.answer = () => held;
  const probe = call();
  await expect(call()).rejects.toThrow("files does not answer now");
  expect(callee.calls).toBe(7);
  resolve();
  await probe;
  await call();
  expect([callee.calls, lines.at(-1)?.msg]).toEqual([8, "files answers again."]);
});

test.each([
  ["bad input", () => new ConnectError("no", Code.InvalidArgument)],
  ["a file that is not there", () => new ConnectError("no", Code.NotFound)],
  ["a quota", () => new ConnectError("no", Code.ResourceExhausted)],
  ["a bug behind one RPC", () => new ConnectError("no", Code.Internal)],
  ["an engine behind one RPC that is away", () => fail(Code.Unavailable, "STORAGE_AWAY", "no")],
  ["callers that go away", () => new ConnectError("no", Code.Canceled)],
  ["deadlines too short for anybody", () => new ConnectError("no", Code.DeadlineExceeded)],
])("%s never opens it", async (_, error) => {
  const callee = openCallee();
  callee.fail(error);
  await callee.failures(20);
  expect(callee.callee.calls).toBe(20);
});

test("an answer between failures begins the count anew", async () => {
  const { callee, call, fail, failures } = openCallee();
  for (let round = 0; round < 3; round += 1) {
    fail(away);
    await failures(4);
    callee.answer = async () => undefined;
    await call();
  }
  expect(callee.calls).toBe(15);
});

test("a metric says which circuit is open", async () => {
  const readings: unknown[] = [];
  const read: (() => Promise<unknown>)[] = [];
  const observe = (_: unknown, ask: () => Promise<unknown>) => {
    read.push(ask);
    return { [Symbol.dispose]: () => {} };
  };
  useMeter({ record: () => {}, observe });
  onTestFinished(() => useMeter(undefined));
  const { fail, failures } = openCallee();
  const look = async () => readings.push(...(await Promise.all(read.map((ask) => ask()))).flat());
  await look();
  fail(away);
  await failures(5);
  await look();
  const attributes = { "lyceum.callee": "files" };
  expect(readings).toEqual([
    { value: 0, attributes },
    { value: 1, attributes },
  ]);
});
