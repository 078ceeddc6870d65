export { ragService } from "./service.ts";
