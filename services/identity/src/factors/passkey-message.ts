import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { PasskeySchema } from "@lyceum/gen/proto/lyceum/identity/v1/passkey_pb.ts";
import type { PasskeyRow } from "./passkey-store.ts";

/** A passkey as its owner sees it in lists. */
export function toPasskeyMessage(passkey: PasskeyRow): MessageInitShape<typeof PasskeySchema> {
  const { id, name, createTime, lastUsedTime, backedUp } = passkey;
  return {
    id,
    name,
    createTime: timestampFromDate(createTime),
    backedUp,
    ...(lastUsedTime && { lastUsedTime: timestampFromDate(lastUsedTime) }),
  };
}
