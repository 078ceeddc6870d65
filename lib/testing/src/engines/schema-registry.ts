import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../start-program.ts";
import { cached, runTool } from "./cache.ts";
import { type Engine, startEngine } from "./engine.ts";

const version = "3.0.9";

/** A schema registry with Confluent's API, which keeps what it was told in a file. */
export type RegistryEngine = Engine & {
  /** The API's root, with its path. */
  readonly url: string;
};

/** Apicurio from Maven Central, cached and unpacked. */
export function fetchSchemaRegistry(): Promise<string> {
  return cached(`apicurio-${version}`, async (folder) => {
    const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`;
    await runTool("mvn", ["-q", "-B", "dependency:copy", `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`], {
      cwd: folder,
    });
    await runTool("tar", ["-xzf", `apicurio-registry-app-${version}-all.tar.gz`], { cwd: folder });
    await runTool("rm", [`apicurio-registry-app-${version}-all.tar.gz`], { cwd: folder });
  });
}

/** Starts a registry whose data is in `folder`. */
export async function startSchemaRegistry(folder: string, port?: number): Promise<RegistryEngine> {
  const home = await fetchSchemaRegistry();
  const http = port ?? (await findFreePort());
  await mkdir(folder, { recursive: true });
  const url = `http://127.0.0.1:${http}/apis/ccompat/v7`;
  const jar = join(home, `apicurio-registry-app-${version}-runner.jar`);
  const engine = await startEngine({
    name: "The schema registry",
    command: "java",
    args: [
      ...["-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
      ...["-Dapicurio.storage.kind=sql", "-Dapicurio.storage.sql.kind=h2"],
      `-Dapicurio.datasource.url=jdbc:h2:file:${join(folder, "schemas")};DB_CLOSE_ON_EXIT=FALSE`,
      ...["-Dquarkus.http.host=127.0.0.1", `-Dquarkus.http.port=${http}`, "-jar", jar],
    ],
    logFile: join(folder, "registry.out"),
    isReady: async () => (await fetch(`${url}/subjects`)).ok,
  });
  return Object.assign(engine, { url });
}
