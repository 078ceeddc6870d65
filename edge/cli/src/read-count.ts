import { InvalidArgumentError } from "commander";

/** Reads a whole number from 1 to `most`. */
export const readCount =
  (most: number) =>
  (given: string): number => {
    const count = /^\d+$/.test(given) ? Number(given) : 0;
    if (count < 1 || count > most) throw new InvalidArgumentError(`It is a whole number from 1 to ${most}.`);
    return count;
  };
