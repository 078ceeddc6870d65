export { filesService } from "./service.ts";
