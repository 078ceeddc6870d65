import { run } from "@lyceum/service";
import { gatewayService } from "./service.ts";

await run([gatewayService]);
