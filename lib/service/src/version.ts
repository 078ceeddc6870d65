import manifest from "../package.json" with { type: "json" };

/** Lyceum's own: all its packages have one. */
export const { version } = manifest;
