import type { IncomingMessage } from "node:http";
import { clientAddressHeader } from "@lyceum/service";
import { type Networks, readClientAddress } from "./client-address.ts";

/** Tells the services where a call comes from; what the call itself says of it is dropped. */
export function tellAddress(req: IncomingMessage, proxies: Networks): void {
  req.headers[clientAddressHeader] = readClientAddress(req, proxies).address;
}
