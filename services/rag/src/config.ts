import { z } from "zod";

/** Rag has no variables of its own. */
export const config = z.object({});
