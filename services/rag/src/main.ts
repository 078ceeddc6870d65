import { run } from "@lyceum/service";
import { ragService } from "./service.ts";

await run([ragService]);
