export { freeDatabase } from "./free-database.ts";
export { makePdf } from "./make-pdf.ts";
export { tempFolder } from "./temp-folder.ts";
