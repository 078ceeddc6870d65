import { z } from "zod";

/** What chat reads from the environment. */
export const config = z
  .object({
    CHAT_CHANGES_KEPT_DAYS: z
      .string()
      .regex(/^[1-9]\d{0,3}$/, "must be a number of days, 1 to 9999")
      .default("30")
      .transform(Number),
  })
  .transform((env) => ({
    /** For so long whoever was away resumes where they were; after that they read their rooms anew. */
    changesKeptDays: env.CHAT_CHANGES_KEPT_DAYS,
  }));
