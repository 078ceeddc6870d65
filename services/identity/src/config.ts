import { z } from "zod";

/** What identity reads from the environment. */
export const config = z
  .object({
    IDENTITY_SEALING_KEY: z
      .string()
      .refine((text) => Buffer.from(text, "base64").length === 32, "must be 32 bytes in base64")
      .optional(),
  })
  .transform((env) => ({
    /** Seals secrets that identity must be able to read again; undefined for a key of its own, kept in its folder. */
    sealingKey: env.IDENTITY_SEALING_KEY,
  }));
