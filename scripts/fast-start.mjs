// `node --import …/fast-start.mjs` more than halves how long a program of this checkout takes to load; none needs it to work.
import { enableCompileCache, registerHooks } from "node:module";
import { join } from "node:path";

// What was compiled, and stripped of its types, is kept beside the packages where they may be written.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compiled"));

// For every import of one file of a package by another, Node 24 reads the package's whole package.json, in Drizzle's case 180 KB
// of exports: half a second of every start. All that its files import of each other are modules, so there is nothing to read.
registerHooks({
  resolve(specifier, context, nextResolve) {
    const { parentURL = "" } = context;
    const isDrizzles = parentURL.includes("/node_modules/drizzle-orm/") && /^\..*\.js$/.test(specifier);
    if (!isDrizzles) return nextResolve(specifier, context);
    return { url: new URL(specifier, parentURL).href, format: "module", shortCircuit: true };
  },
});
