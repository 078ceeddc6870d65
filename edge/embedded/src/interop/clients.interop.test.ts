import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fetchGrpcurl, fetchHealthProbe } from "@lyceum/testing/interop/go-tools.ts";
import { fetchJavaTools } from "@lyceum/testing/interop/java.ts";
import { fetchGrpcio } from "@lyceum/testing/interop/python.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../../..");
const proto = join(root, "proto");
const fetchMs = 900_000;

/** Every proto below a folder of `proto`, by the path it is imported by. */
function listProtos(module: string, folder: string): string[] {
  const paths = readdirSync(join(proto, module, folder), { recursive: true, encoding: "utf8" });
  return paths.filter((path) => path.endsWith(".proto")).map((path) => join(folder, path));
}

async function run(tool: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const options = { cwd: root, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  return (await promisify(execFile)(tool, args, options)).stdout;
}

const folder = mkdtempSync(join(tmpdir(), "lyceum-interop-"));
let program: Program;
let address: string;

beforeAll(async () => {
  await run(process.execPath, [join(root, "scripts/protos.ts")]);
  program = await startProgram(join(folder, "home"));
  address = new URL(program.url).host;
}, 120_000);
afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe("grpcurl", () => {
  let grpcurl: string;
  beforeAll(async () => {
    grpcurl = await fetchGrpcurl();
  }, fetchMs);

  test("lists the public services by reflection, and no internal one", async () => {
    const services = (await run(grpcurl, ["-plaintext", address, "list"])).trim().split("\n");
    expect(services).toEqual(
      expect.arrayContaining(["grpc.health.v1.Health", "lyceum.files.v1.FileService", "lyceum.rag.v1.RagService"]),
    );
    expect(services.filter((name) => name.includes("Internal"))).toEqual([]);
  });

  test("describes every service with all it refers to", async () => {
    for (const service of (await run(grpcurl, ["-plaintext", address, "list"])).trim().split("\n")) {
      expect(await run(grpcurl, ["-plaintext", address, "describe", service])).toContain(
        `service ${service.split(".").at(-1)}`,
      );
    }
    const message = await run(grpcurl, ["-plaintext", address, "describe", "lyceum.rag.v1.AskRequest"]);
    expect(message).toContain("string question = 1");
  });

  test("calls without protos of its own", async () => {
    const body = { email: "grpcurl@example.org", password: "correct horse battery staple", displayName: "Grpcurl" };
    const signUp = "lyceum.identity.v1.IdentityService/SignUp";
    const { session } = JSON.parse(await run(grpcurl, ["-plaintext", "-d", JSON.stringify(body), address, signUp]));
    const authorization = ["-H", `authorization: Bearer ${session.accessToken}`];
    const account = await run(grpcurl, [
      "-plaintext",
      ...authorization,
      address,
      "lyceum.identity.v1.IdentityService/GetAccount",
    ]);
    expect(JSON.parse(account).user.email).toBe(body.email);
  });
});

describe("grpc-health-probe", () => {
  let probe: string;
  beforeAll(async () => {
    probe = await fetchHealthProbe();
  }, fetchMs);

  test("finds the whole and each service serving, and knows what is unknown", async () => {
    await run(probe, [`-addr=${address}`]);
    await run(probe, [`-addr=${address}`, "-service=lyceum.rag.v1.RagService"]);
    await expect(run(probe, [`-addr=${address}`, "-service=no.Service"])).rejects.toMatchObject({ code: 3 });
  });
});

describe("a Python client made from the protos", () => {
  let site: string;
  beforeAll(async () => {
    site = await fetchGrpcio();
  }, fetchMs);

  test("does the main job", async () => {
    const stubs = join(folder, "python");
    mkdirSync(stubs);
    const out = [`--python_out=${stubs}`, `--grpc_python_out=${stubs}`];
    const protos = [...listProtos("", "lyceum"), ...listProtos("vendor", "buf"), ...listProtos("vendor", "google")];
    const include = ["-I", proto, "-I", join(proto, "vendor")];
    await run("python3", ["-m", "grpc_tools.protoc", ...include, ...out, ...protos], { PYTHONPATH: site });
    const script = join(import.meta.dirname, "main_job.py");
    const result = JSON.parse(await run("python3", [script, address], { PYTHONPATH: `${stubs}:${site}` }));
    expect(result).toMatchObject({
      state: "DOCUMENT_STATE_READY",
      isWhole: true,
      missing: "NOT_FOUND",
      heard: "Look!",
    });
    expect(result.answer).toContain("[1]");
    expect(result.citations[0].fileId).toBe(result.fileId);
    expect(result.citations[0].quote).toContain("new and full moon");
  }, 120_000);
});

describe("Java stubs", () => {
  let tools: Awaited<ReturnType<typeof fetchJavaTools>>;
  beforeAll(async () => {
    tools = await fetchJavaTools();
  }, fetchMs);

  test("compile", async () => {
    const [sources, classes] = [join(folder, "java"), join(folder, "classes")];
    for (const path of [sources, classes]) mkdirSync(path);
    // google's own are in the libraries.
    const protos = [...listProtos("", "lyceum"), ...listProtos("vendor", "buf")];
    await run(tools.protoc, [
      ...["-I", proto, "-I", join(proto, "vendor"), "-I", tools.include, `--java_out=${sources}`],
      ...[`--plugin=protoc-gen-grpc-java=${tools.grpcPlugin}`, `--grpc-java_out=@generated=omit:${sources}`, ...protos],
    ]);
    const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".java"));
    expect(files).toContain("lyceum/chat/v1/ChatServiceGrpc.java");
    const paths = files.map((path) => join(sources, path));
    const quick = ["-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-g:none", "-nowarn", "-proc:none"];
    await run("javac", [...quick, "-cp", tools.classpath, "-d", classes, ...paths]);
    expect(readdirSync(join(classes, "lyceum/rag/v1"))).toContain("RagServiceGrpc.class");
  }, 600_000);
});
