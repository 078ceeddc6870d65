export { ingestService } from "./service.ts";
