/** The peer of the fan-out benchmark: a bare `ws` server that sends each text it is given over IPC to everybody connected. */
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
server.on("listening", () => process.send?.({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/` }));
process.on("message", ({ text, times }: { text: string; times: number }) => {
  for (let time = 0; time < times; time += 1) for (const client of server.clients) client.send(text);
});
process.on("disconnect", () => process.exit(0));
