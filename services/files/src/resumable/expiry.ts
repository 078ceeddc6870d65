/** An upload is forgotten when nothing has come of it for this long. */
export const uploadLifetimeMs = 24 * 3_600_000;

/** When an upload expires that is heard of now. */
export const expiryFrom = (now: Date): Date => new Date(now.getTime() + uploadLifetimeMs);
