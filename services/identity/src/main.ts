import { run } from "@lyceum/service";
import { identityService } from "./service.ts";

await run([identityService]);
