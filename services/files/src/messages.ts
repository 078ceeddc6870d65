import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type FileSchema,
  FileState,
  type GrantSchema,
  type StorageUsageSchema,
} from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { FolderSchema } from "@lyceum/gen/proto/lyceum/files/v1/folder_pb.ts";
import { writeLinkId } from "./content-token.ts";
import { contentUrl } from "./content-url.ts";
import type { Context } from "./context.ts";
import { principalOfLink } from "./file.ts";
import type { FolderRow } from "./folder-store.ts";
import type { GrantRow } from "./grant-store.ts";
import type { FileRow } from "./store.ts";
import type { UsageRow } from "./usage-store.ts";

/** A file as someone who may read it sees it: only its owner is told where it lies. */
export function toFileMessage(file: FileRow, viewerId: string | undefined): MessageInitShape<typeof FileSchema> {
  return {
    id: file.id,
    name: file.name,
    mediaType: file.mediaType,
    sizeBytes: BigInt(file.sizeBytes),
    sha256: file.sha256,
    ownerId: file.ownerId,
    folderId: viewerId === file.ownerId ? (file.folderId ?? "") : "",
    createTime: timestampFromDate(file.createTime),
    state: file.trashTime ? FileState.TRASHED : FileState.READY,
  };
}

/** A folder as its owner sees it. */
export function toFolderMessage(folder: FolderRow): MessageInitShape<typeof FolderSchema> {
  const { id, name, parentId, createTime } = folder;
  return { id, name, parentId: parentId ?? "", createTime: timestampFromDate(createTime) };
}

/** A grant as those who decide about the file see it: a link with its secret. */
export function toGrantMessage(
  ctx: Pick<Context, "publicUrl" | "signer">,
  grant: GrantRow,
): MessageInitShape<typeof GrantSchema> {
  const { id, principal, role, createTime, expireTime } = grant;
  const linkId = principal === principalOfLink(id) ? writeLinkId(ctx.signer, id) : undefined;
  return {
    id,
    principal: linkId === undefined ? principal : `link:${linkId}`,
    role,
    createTime: timestampFromDate(createTime),
    ...(expireTime && { expireTime: timestampFromDate(expireTime) }),
    url: linkId === undefined ? "" : contentUrl(ctx, grant.fileId, linkId),
  };
}

/** What a person's files take, as they see it. */
export function toUsageMessage(
  { bytes, files }: UsageRow,
  limitBytes: number,
): MessageInitShape<typeof StorageUsageSchema> {
  return { bytes: BigInt(bytes), files: BigInt(files), bytesLimit: BigInt(limitBytes) };
}
