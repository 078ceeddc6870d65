import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached, runTool } from "../engines/cache.ts";

const grpcVersion = "1.82.2";
const protobufVersion = "4.36.2";
const wellKnown = ["any", "descriptor", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"];

/** What makes Java of protos and compiles it. */
export type JavaTools = {
  readonly protoc: string;
  /** protoc's plugin for gRPC stubs. */
  readonly grpcPlugin: string;
  /** Where protobuf's own protos are. */
  readonly include: string;
  /** The jars that generated code needs. */
  readonly classpath: string;
};

/** protoc, gRPC's plugin for it and the libraries from Maven Central, cached. */
export async function fetchJavaTools(): Promise<JavaTools> {
  const folder = await cached(`grpc-java-${grpcVersion}-${protobufVersion}`, async (target) => {
    await writeFile(join(target, "pom.xml"), project());
    const copy = ["-q", "-B", "dependency:copy-dependencies", `-DoutputDirectory=${target}/libs`];
    await runTool("mvn", copy, { cwd: target });
    for (const file of await programsIn(target)) await chmod(file, 0o755);
    await mkdir(join(target, "include"));
    const jar = join(target, "libs", `protobuf-java-${protobufVersion}.jar`);
    const paths = wellKnown.map((name) => `google/protobuf/${name}.proto`);
    await runTool("jar", ["xf", jar, ...paths], { cwd: join(target, "include") });
  });
  const programs = await programsIn(folder);
  const find = (name: string) => programs.find((path) => path.includes(`/${name}-`)) ?? "";
  return {
    protoc: find("protoc"),
    grpcPlugin: find("protoc-gen-grpc-java"),
    include: join(folder, "include"),
    classpath: join(folder, "libs/*"),
  };
}

async function programsIn(folder: string): Promise<string[]> {
  const files = await readdir(join(folder, "libs"));
  return files.filter((name) => name.endsWith(".exe")).map((name) => join(folder, "libs", name));
}

function project(): string {
  const classifier = `linux-${process.arch === "arm64" ? "aarch_64" : "x86_64"}`;
  const dependency = (group: string, artifact: string, version: string, more = "") =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${more}</dependency>`;
  const program = `<type>exe</type><classifier>${classifier}</classifier>`;
  return `<project><modelVersion>4.0.0</modelVersion>
    <groupId>lyceum</groupId><artifactId>interop</artifactId><version>1</version><packaging>pom</packaging><dependencies>
    ${dependency("com.google.protobuf", "protoc", protobufVersion, program)}
    ${dependency("io.grpc", "protoc-gen-grpc-java", grpcVersion, program)}
    ${dependency("com.google.protobuf", "protobuf-java", protobufVersion)}
    ${dependency("io.grpc", "grpc-protobuf", grpcVersion)}
    ${dependency("io.grpc", "grpc-stub", grpcVersion)}
    </dependencies></project>`;
}
