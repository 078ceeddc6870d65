import { z } from "zod";

/** The gateway has no variables of its own. */
export const gatewayConfig = z.object({});
