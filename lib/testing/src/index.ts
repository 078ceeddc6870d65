export { eventually } from "./eventually.ts";
export { freeDatabase } from "./free-database.ts";
export { makePdf } from "./make-pdf.ts";
export {
  freeDatabases,
  startServices,
  type TestCaller,
  type TestProcess,
  type TestProcessOptions,
} from "./start-services.ts";
export { tempFolder } from "./temp-folder.ts";
export type { TestPerson } from "./test-tokens.ts";
