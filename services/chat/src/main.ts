import { run } from "@lyceum/service";
import { chatService } from "./service.ts";

await run([chatService]);
