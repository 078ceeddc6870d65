import { run } from "@lyceum/service";
import { filesService } from "./service.ts";

await run([filesService]);
