import { type EventHandler, projection } from "@lyceum/events";
import { accessGranted } from "@lyceum/gen/events/lyceum/files/v1/access_granted.ts";
import { accessRevoked } from "@lyceum/gen/events/lyceum/files/v1/access_revoked.ts";
import { putGrant } from "../scope-store.ts";

/** Projections: who else may read which file, so that a search begins with what its caller may read. */
export const onAccessChanged = (): EventHandler[] => [
  projection(accessGranted, ({ data: { fileId, principal, version } }, tx) =>
    putGrant(tx, { fileId, principal, active: true, version }),
  ),
  projection(accessRevoked, ({ data: { fileId, principal, version } }, tx) =>
    putGrant(tx, { fileId, principal, active: false, version }),
  ),
];
