import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { createCluster } from "./cluster.ts";

test("a connection to a broker on which nothing waits sets no timer that is over before it begins", async () => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error) => warnings.push(name);
  process.on("warning", onWarning);
  // A broker that refuses every request in words of one kind: ApiVersions answered by "unsupported version".
  const broker = createServer((socket) => {
    socket.on("data", (bytes: Buffer) => {
      const answer = Buffer.alloc(14);
      answer.writeInt32BE(10, 0);
      answer.writeInt32BE(bytes.readInt32BE(8), 4);
      answer.writeInt16BE(35, 8);
      socket.write(answer);
    });
  }).listen(0, "127.0.0.1");
  await once(broker, "listening");
  const { port } = broker.address() as { port: number };
  const cluster = createCluster({ brokers: [`127.0.0.1:${port}`], clientId: "test" });
  await expect(cluster.kafka.admin({ retry: { retries: 0 } }).connect()).rejects.toThrow();
  await cluster[Symbol.asyncDispose]();
  broker.close();
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});
