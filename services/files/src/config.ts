import { z } from "zod";

/** Files has no variables of its own. */
export const config = z.object({});
