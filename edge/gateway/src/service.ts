import { fileURLToPath } from "node:url";
import { defineService } from "@lyceum/service";
import { gatewayConfig } from "./config.ts";
import { createExchange } from "./credentials/exchange.ts";
import { createFront } from "./front.ts";

/** The one public port. Owns nothing: it serves the contracts of the services hosted here or pointed at. */
export const gatewayService = defineService({
  name: "gateway",
  rpcs: [],
  publishes: [],
  config: gatewayConfig,
  open: async ({ clients, publicUrl, stopping }, config) => {
    let front: ReturnType<typeof createFront> | undefined;
    return {
      front: (mounts) => {
        front = createFront(mounts, { config, exchange: createExchange(clients), publicUrl, stopping, pageFolder });
        return front;
      },
      dispose: async () => front?.[Symbol.dispose](),
    };
  },
});

const pageFolder = fileURLToPath(new URL("../../web/dist", import.meta.url));
