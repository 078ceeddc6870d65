import { chatService } from "@lyceum/chat";
import { filesService } from "@lyceum/files";
import { gatewayService } from "@lyceum/gateway";
import { identityService } from "@lyceum/identity";
import { ingestService } from "@lyceum/ingest";
import { profileService } from "@lyceum/profile";
import { ragService } from "@lyceum/rag";

/** All of Lyceum: the gateway and the six services behind it. */
export const services = [
  gatewayService,
  identityService,
  profileService,
  filesService,
  chatService,
  ingestService,
  ragService,
];
