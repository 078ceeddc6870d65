import { z } from "zod";

/** Ingest has no variables of its own. */
export const config = z.object({});
