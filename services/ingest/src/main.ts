import { run } from "@lyceum/service";
import { ingestService } from "./service.ts";

await run([ingestService]);
