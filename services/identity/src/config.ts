import { z } from "zod";

/** Identity has no variables of its own. */
export const config = z.object({});
