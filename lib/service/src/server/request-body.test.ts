import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { drainBody, readBody } from "./request-body.ts";

test("a body whose reader waits for more and is asked for none is read away, and its connection lives on", async () => {
  const server = createServer(async (req, res) => {
    const chunks = readBody(req);
    await chunks.next();
    void chunks.next();
    res.once("finish", () => drainBody(req)).end("answered");
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let heard = "";
  socket.on("data", (chunk) => (heard += chunk));
  const rest = 1024 * 1024;
  socket.write(`POST /first HTTP/1.1\r\nHost: x\r\nContent-Length: ${rest + 1}\r\n\r\nx`);
  await expect.poll(() => heard).toContain("answered");
  heard = "";
  socket.write(Buffer.alloc(rest));
  socket.write("POST /second HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  await expect.poll(() => heard).toContain("answered");
});
