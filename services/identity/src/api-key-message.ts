import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ApiKeySchema } from "@lyceum/gen/proto/lyceum/identity/v1/api_key_pb.ts";
import type { ApiKeyRow } from "./api-key-store.ts";

/** A key as its owner sees it in lists. */
export function toApiKeyMessage(key: ApiKeyRow): MessageInitShape<typeof ApiKeySchema> {
  const { id, name, prefix, scopes, createTime, expireTime, lastUsedTime } = key;
  return {
    id,
    name,
    prefix,
    scopes,
    createTime: timestampFromDate(createTime),
    ...(expireTime && { expireTime: timestampFromDate(expireTime) }),
    ...(lastUsedTime && { lastUsedTime: timestampFromDate(lastUsedTime) }),
  };
}
