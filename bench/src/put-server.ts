/** The peer of the upload benchmark: a bare server that writes each body to a file, synced, in the folder of its first argument. */
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

const [folder = ""] = process.argv.slice(2);
const server = createServer(async (req, res) => {
  const path = join(folder, randomUUID());
  // As durable as an upload is: synced before it is answered.
  await pipeline(req, createWriteStream(path, { flush: true }));
  res.writeHead(201).end();
  await rm(path);
});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
});
process.on("disconnect", () => process.exit(0));
