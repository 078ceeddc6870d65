import { z } from "zod";

/** Profile has no variables of its own. */
export const config = z.object({});
