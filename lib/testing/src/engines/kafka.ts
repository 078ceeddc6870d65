import { mkdir, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { findFreePort } from "../start-program.ts";
import { cached, runTool } from "./cache.ts";
import { type Engine, startEngine } from "./engine.ts";

const version = "4.4.0";

/** One Kafka broker in KRaft mode. */
export type KafkaEngine = Engine & { readonly brokers: string };

/** Kafka's jars from Maven Central, cached. */
export function fetchKafka(): Promise<string> {
  return cached(`kafka-${version}`, async (folder) => {
    const dependency = (group: string, artifact: string, number: string) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${number}</version></dependency>`;
    const project = `<project><modelVersion>4.0.0</modelVersion>
      <groupId>lyceum</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging><dependencies>
      ${dependency("org.apache.kafka", "kafka_2.13", version)}${dependency("org.slf4j", "slf4j-simple", "1.7.36")}
      </dependencies></project>`;
    await writeFile(join(folder, "pom.xml"), project);
    await runTool("mvn", ["-q", "-B", "dependency:copy-dependencies", `-DoutputDirectory=${folder}/libs`], {
      cwd: folder,
    });
  });
}

/**
 * Starts a broker whose data is in `folder`; on `port` again if it is started a second time there. Its clients are told to come to
 * `advertisedPort`.
 */
export async function startKafka(folder: string, port?: number, advertisedPort?: number): Promise<KafkaEngine> {
  const libs = join(await fetchKafka(), "libs", "*");
  const [client, controller] = [port ?? (await findFreePort()), await findFreePort()];
  await mkdir(folder, { recursive: true });
  const config = join(folder, "server.properties");
  await writeFile(config, properties(join(folder, "log"), client, controller, advertisedPort));
  const java = ["-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", libs];
  const id = ["-t", "bHljZXVtLXRlc3QtMTIzNA", "--ignore-formatted"];
  await runTool("java", [...java, "kafka.tools.StorageTool", "format", ...id, "-c", config]);
  const engine = await startEngine({
    name: "Kafka",
    command: "java",
    args: [...java, "kafka.Kafka", config],
    logFile: join(folder, "kafka.out"),
    isReady: () => canConnect(client),
  });
  return Object.assign(engine, { brokers: `127.0.0.1:${client}` });
}

function properties(logFolder: string, client: number, controller: number, advertised = client): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${advertised}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=${logFolder}
auto.create.topics.enable=false
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=6000
`;
}

/** True once something accepts connections there. */
export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
