import { EngineMissingError } from "./cache.ts";

/**
 * True if what `fetch` gets is there. Where it cannot be had that is said aloud, and with `CI` set it is an error: nothing is
 * skipped in silence.
 */
export async function canFetch(name: string, fetch: () => Promise<unknown>): Promise<boolean> {
  try {
    await fetch();
    return true;
  } catch (error) {
    if (process.env.CI || !(error instanceof EngineMissingError)) throw error;
    console.error(`\n*** ${name} cannot be had here, and what needs it is SKIPPED: ${error.message} ***\n`);
    return false;
  }
}
