import { run } from "@lyceum/service";
import { profileService } from "./service.ts";

await run([profileService]);
