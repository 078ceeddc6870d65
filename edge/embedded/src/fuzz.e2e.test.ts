import { Agent, request } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type DescField, type DescMessage, type DescMethod, ScalarType } from "@bufbuild/protobuf";
import { listRestRoutes } from "@lyceum/rest";
import { startServices, type TestProcess, tempFolder } from "@lyceum/testing";
import { createRandom } from "@lyceum/testing/create-random.ts";
import { signUp } from "@lyceum/testing/person.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { services } from "./services.ts";

const rpcs = services
  .flatMap(({ rpcs }) => rpcs)
  .filter(({ name }) => !name.endsWith("InternalService"))
  .flatMap(({ methods }) => methods);
/** In each content type; `npm run faults -- F12` sends 1,000. */
const bodiesEach = Number(process.env.LYCEUM_FUZZ_BODIES ?? 12);
const bombRounds = bodiesEach > 100 ? 20 : 4;
const atOnce = 16;

const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
const isScaled = process.env.LYCEUM_TEST_MODE === "scaled";
let program: TestProcess | Program;
let session: ClientHttp2Session;
let token: string;
let leavingToken: string;

beforeAll(async () => {
  program = isScaled ? await startProgram(await tempFolder()) : await startServices(services);
  session = connect(program.url);
  token = (await signUp(program.url)).token;
  leavingToken = (await signUp(program.url)).token;
}, 120_000);

afterAll(async () => {
  session?.destroy();
  agent.destroy();
  await program?.[Symbol.asyncDispose]();
});

type Random = (below: number) => number;

const pick = <T>(random: Random, items: readonly T[]): T => items[random(items.length)] as T;
const randomBytes = (random: Random, length: number) => Buffer.from(Array.from({ length }, () => random(256)));

const likelyTexts = ["x", "user:x", "user:a\0b", "a\0b", "me", "a@b.example", "correct horse battery", "😀".repeat(20)];
const oddTexts = ["", "\ud800", "😀".repeat(300), "%", "../..", "'; drop table files;--", "x".repeat(70_000)];
const oddValues = [null, "", -1, 2 ** 31, 1e300, 1.5, true, [], {}, [null], [[]], "NaN", "9".repeat(30), ...oddTexts];

function randomValue(random: Random, field: DescField, isOdd: boolean, depth: number): unknown {
  if (isOdd && random(3) === 0) return pick(random, oddValues);
  if (field.fieldKind === "list") return Array.from({ length: random(4) }, () => pick(random, likelyTexts));
  if (field.message) return randomObject(random, field.message, isOdd, depth + 1);
  if (field.enum) return pick(random, [...field.enum.values.map(({ name }) => name), 99]);
  if (field.scalar === ScalarType.STRING) return pick(random, likelyTexts);
  return field.scalar === ScalarType.BOOL ? random(2) === 0 : random(300);
}

/** Half of them could be real requests but for strange texts; the others have values of any type, and unknown fields. */
function randomObject(
  random: Random,
  message: DescMessage,
  isOdd = random(2) === 0,
  depth = 0,
): Record<string, unknown> {
  const fields = message.fields.filter(() => depth < 5 && random(6) > 0);
  const object = Object.fromEntries(
    fields.map((field) => [pick(random, [field.jsonName, field.name]), randomValue(random, field, isOdd, depth)]),
  );
  if (isOdd && random(4) === 0) object[pick(random, ["colour", "__proto__", "constructor", ""])] = 1;
  return object;
}

function randomJson(random: Random, message: DescMessage): Buffer {
  if (random(6) === 0) return randomBytes(random, random(60));
  const text = pick(random, [
    () => JSON.stringify(randomObject(random, message)),
    () => JSON.stringify(randomObject(random, message)),
    () => JSON.stringify(randomObject(random, message)).slice(0, random(40)),
    () =>
      pick(random, [
        "",
        "null",
        "[]",
        "1",
        '"x"',
        "{",
        "{}",
        "[".repeat(5000),
        '{"a":'.repeat(5000),
        "\ufeff{}",
        '{"a":1e999}',
      ]),
  ])();
  return Buffer.from(text);
}

/** Protobuf's wire format with fields of any number, type and length, cut off now and then. */
function randomProto(random: Random): Buffer {
  const parts = Array.from({ length: random(6) }, () => {
    const head = Buffer.from([((1 + random(5)) << 3) | random(8)]);
    const body = randomBytes(random, random(20));
    return pick(random, [Buffer.concat([head, body]), Buffer.concat([head, Buffer.from([body.length]), body])]);
  });
  const bytes = Buffer.concat([...parts, Buffer.from([0x0a, 3, 0x61, 0, 0x62])].slice(0, 1 + random(6)));
  return random(5) === 0 ? bytes.subarray(0, random(bytes.length + 1)) : bytes;
}

function inEnvelope(random: Random, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = random(8) === 0 ? random(256) : 0;
  head.writeUInt32BE(random(8) === 0 ? random(2 ** 31) : body.length, 1);
  return Buffer.concat([head, body]);
}

type Answer = { status: number; code: string };

/** Sends over HTTP/1.1 and reads the code out of whatever form the answer has. */
function send(method: string, path: string, headers: Record<string, string>, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(
      program.url + path,
      { method, agent, headers: { ...headers, "content-length": body.length } },
      (res) => {
        const chunks: Buffer[] = [];
        res.on("data", (chunk) => chunks.push(chunk)).on("error", reject);
        const finish = () => {
          const text = Buffer.concat(chunks).toString();
          const grpc = res.headers["grpc-status"] ?? /grpc-status: (\d+)/i.exec(text)?.[1];
          resolve({ status: res.statusCode ?? 0, code: grpc === undefined ? codeIn(text) : `grpc ${grpc}` });
        };
        res.on("end", finish);
        // What happens in rooms is told for ever.
        if (res.statusCode !== 200 || !path.startsWith("/v1/events")) return;
        setTimeout(() => {
          finish();
          res.off("error", reject).on("error", () => {});
          req.off("error", reject).on("error", () => {});
          req.destroy();
        }, 100);
      },
    );
    req.on("error", reject).setTimeout(20_000, () => req.destroy(new Error(`${method} ${path} hangs`)));
    req.end(body);
  });
}

function sendGrpc(path: string, headers: Record<string, string>, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": path, te: "trailers", ...headers });
    const seen: Record<string, unknown> = {};
    stream.on("response", (head) => Object.assign(seen, head)).on("trailers", (tail) => Object.assign(seen, tail));
    stream
      .on("error", reject)
      .on("close", () => resolve({ status: Number(seen[":status"]), code: `grpc ${seen["grpc-status"]}` }));
    stream.setTimeout(20_000, () => reject(new Error(`${path} hangs`)));
    stream.resume().end(body);
  });
}

const codeIn = (text: string) => /"code":"([a-z_]+)"/.exec(text)?.[1] ?? "";

const bugs = new Set(["internal", "unknown", "data_loss", "grpc 2", "grpc 13", "grpc 15", "grpc undefined"]);

/** Sends `bodiesEach` bodies, some at once, and answers what looks like a bug of ours. */
async function findBugs(makeCall: (random: Random) => () => Promise<Answer>): Promise<unknown[]> {
  const found: unknown[] = [];
  let left = bodiesEach;
  const work = async () => {
    for (let seed = left--; seed > 0; seed = left--) {
      const { status, code } = await makeCall(createRandom(seed))();
      if (bugs.has(code) || status === 500 || status === 0 || Number.isNaN(status)) found.push({ seed, status, code });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}

function headersFor(rpc: DescMethod, contentType: string): Record<string, string> {
  const isStream = rpc.methodKind !== "unary";
  return {
    "content-type": contentType,
    authorization: `Bearer ${rpc.name === "SignOut" ? leavingToken : token}`,
    // Streams that stay open are let go soon.
    ...(isStream ? { "connect-timeout-ms": "100", "grpc-timeout": "100m" } : {}),
  };
}

test.each(rpcs.map((rpc) => [`${rpc.parent.name}.${rpc.name}`, rpc] as const))(
  "%s takes no body in any protocol for a bug",
  async (_, rpc) => {
    const path = `/${rpc.parent.typeName}/${rpc.name}`;
    const isUnary = rpc.methodKind === "unary";
    const json = (random: Random) => randomJson(random, rpc.input);
    const found: Record<string, unknown[]> = {};
    const post = async (type: string, make: (random: Random) => Buffer) => {
      found[type] = await findBugs((random) => {
        const body = make(random);
        const headers = headersFor(rpc, type);
        return () =>
          type.startsWith("application/grpc+") ? sendGrpc(path, headers, body) : send("POST", path, headers, body);
      });
    };
    await post(
      isUnary ? "application/json" : "application/connect+json",
      isUnary ? json : (random) => inEnvelope(random, json(random)),
    );
    await post(
      isUnary ? "application/proto" : "application/connect+proto",
      isUnary ? randomProto : (random) => inEnvelope(random, randomProto(random)),
    );
    await post("application/grpc+proto", (random) => inEnvelope(random, randomProto(random)));
    await post("application/grpc-web+proto", (random) => inEnvelope(random, randomProto(random)));
    for (const route of listRestRoutes([rpc.parent]).filter((candidate) => candidate.rpc === rpc)) {
      found[`${route.method} ${route.path}`] = await findBugs((random) => {
        const segment = () => pick(random, ["x", "%00", "%F0%9F%98%80", "%zz", "%2e%2e", "a%2Fb", "y".repeat(3000)]);
        const url = route.path.replace(/\{\w+\}/g, segment) + randomQuery(random, rpc.input);
        const hasBody = !["GET", "DELETE"].includes(route.method) || random(4) === 0;
        const body = hasBody ? json(random) : Buffer.alloc(0);
        return () => send(route.method, url, headersFor(rpc, "application/json"), body);
      });
    }
    expect(Object.entries(found).filter(([, problems]) => problems.length > 0)).toEqual([]);
  },
  120_000 * Math.max(1, bodiesEach / 200),
);

function randomQuery(random: Random, message: DescMessage): string {
  const pairs = Array.from({ length: random(4) }, () => {
    const name = pick(random, [...message.fields.map(({ jsonName }) => jsonName), "x", "%zz", "a.b"]);
    return `${name}${pick(random, ["", "=", "=1", "=true", "=%00", "=%ff", "=x", "=99999999999999999999", "=%F0%9F%98%80"])}`;
  });
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}

const memoryBytes = () => ("memoryBytes" in program ? program.memoryBytes() : process.memoryUsage().rss);

test("bombs are refused and leave memory as it was", async () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024, "0");
  const bombs = {
    gzip: gzipSync(zeros),
    br: brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  };
  const before = memoryBytes();
  for (const [encoding, bomb] of Object.entries(bombs)) {
    for (let round = 0; round < bombRounds; round++) {
      const unary = await send(
        "POST",
        "/lyceum.profile.v1.ProfileService/BatchGetProfiles",
        {
          "content-type": "application/json",
          "content-encoding": encoding,
          authorization: `Bearer ${token}`,
        },
        bomb,
      );
      expect(unary.code).toBe("resource_exhausted");
      const rest = await send(
        "POST",
        "/v1/profiles:batchGet",
        {
          "content-type": "application/json",
          "content-encoding": encoding,
          authorization: `Bearer ${token}`,
        },
        bomb,
      );
      expect(rest).toEqual({ status: 415, code: "invalid_argument" });
      const envelope = Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), bomb]);
      envelope.writeUInt32BE(bomb.length, 1);
      const grpc = await sendGrpc(
        "/lyceum.profile.v1.ProfileService/BatchGetProfiles",
        {
          "content-type": "application/grpc+proto",
          "grpc-encoding": encoding,
          authorization: `Bearer ${token}`,
        },
        envelope,
      );
      expect(grpc.code).toBe("grpc 8");
    }
  }
  expect(memoryBytes() - before).toBeLessThan(128 * 1024 * 1024);
}, 60_000);

test("the program lives on", async () => {
  expect((await fetch(`${program.url}/readyz`)).status).toBe(200);
  expect((await (await signUp(program.url)).json("/v1/account")).user.emailVerified).toBe(false);
});
