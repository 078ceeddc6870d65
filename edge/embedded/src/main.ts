import { run } from "@lyceum/service";
import { services } from "./services.ts";

await run(services);
