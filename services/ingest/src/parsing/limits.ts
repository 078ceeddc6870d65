/** What one file may cost. */
export type ParsingLimits = {
  readonly maxFileBytes: number;
  readonly maxPages: number;
  readonly maxChars: number;
  readonly maxPassages: number;
  /** Taken out of an archive, such as an office document is. */
  readonly maxInflatedBytes: number;
  readonly maxArchiveEntries: number;
  /** Between two signs of life: a slice is `pagesPerSlice` pages. */
  readonly sliceTimeoutMs: number;
  readonly pagesPerSlice: number;
  readonly fileTimeoutMs: number;
  /** Resident, buffers outside the JavaScript heap included. */
  readonly maxMemoryBytes: number;
  /** One message of the child; none may hold more than a page. */
  readonly maxFrameBytes: number;
  /** All messages of the child about one file. */
  readonly maxOutputBytes: number;
  /** A child that is not needed ends after this. */
  readonly idleMs: number;
  readonly maxFilesPerChild: number;
};

/** The limits the product runs with. */
export const defaultLimits: ParsingLimits = {
  maxFileBytes: 512 * 2 ** 20,
  maxPages: 5_000,
  maxChars: 20_000_000,
  maxPassages: 65_000,
  maxInflatedBytes: 2 ** 30,
  maxArchiveEntries: 50_000,
  sliceTimeoutMs: 120_000,
  pagesPerSlice: 16,
  fileTimeoutMs: 30 * 60_000,
  maxMemoryBytes: 2 ** 30,
  maxFrameBytes: 32 * 2 ** 20,
  maxOutputBytes: 512 * 2 ** 20,
  idleMs: 60_000,
  maxFilesPerChild: 50,
};
