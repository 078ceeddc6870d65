import { z } from "zod";

const whole = (message: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/, message)
    .transform(Number);

/** What files reads from the environment. */
export const config = z
  .object({
    FILES_QUOTA_BYTES: whole("must be a number of bytes, at least 1").default(5 * 1024 ** 3),
    FILES_TRASH_DAYS: whole("must be a number of days, at least 1").default(30),
  })
  .transform((env) => ({ quotaBytes: env.FILES_QUOTA_BYTES, trashDays: env.FILES_TRASH_DAYS }));
