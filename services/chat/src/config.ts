import { z } from "zod";

/** Chat has no variables of its own. */
export const config = z.object({});
