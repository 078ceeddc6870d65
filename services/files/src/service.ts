import { join } from "node:path";
import { accessGranted } from "@lyceum/gen/events/lyceum/files/v1/access_granted.ts";
import { accessRevoked } from "@lyceum/gen/events/lyceum/files/v1/access_revoked.ts";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import { filePurged } from "@lyceum/gen/events/lyceum/files/v1/file_purged.ts";
import { fileRestored } from "@lyceum/gen/events/lyceum/files/v1/file_restored.ts";
import { fileUpdated } from "@lyceum/gen/events/lyceum/files/v1/file_updated.ts";
import { fileUploaded } from "@lyceum/gen/events/lyceum/files/v1/file_uploaded.ts";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { defineService } from "@lyceum/service";
import { openBlobStore } from "./blobs/index.ts";
import { config } from "./config.ts";
import type { Context } from "./context.ts";
import { httpRoutes } from "./http/routes.ts";
import { dropRoomGrants } from "./jobs/drop-room-grants.ts";
import { emptyFolderJob } from "./jobs/empty-folder.ts";
import { eraseBlob } from "./jobs/erase-blob.ts";
import { onRoomDeleted } from "./on/room-deleted.ts";
import { onRoomMemberAdded } from "./on/room-member-added.ts";
import { onRoomMemberRemoved } from "./on/room-member-removed.ts";
import { readModel } from "./read-model.ts";
import { applyRoomMembers } from "./rpc/apply-room-members.ts";
import { batchGetReadableFiles } from "./rpc/batch-get-readable-files.ts";
import { batchGetRoomReadableFiles } from "./rpc/batch-get-room-readable-files.ts";
import { createDownloadUrl } from "./rpc/create-download-url.ts";
import { createFolder } from "./rpc/create-folder.ts";
import { deleteFile } from "./rpc/delete-file.ts";
import { deleteFolder } from "./rpc/delete-folder.ts";
import { downloadFile } from "./rpc/download-file.ts";
import { getFile } from "./rpc/get-file.ts";
import { getLinkedFile } from "./rpc/get-linked-file.ts";
import { getUsage } from "./rpc/get-usage.ts";
import { grantAccess } from "./rpc/grant-access.ts";
import { grantRoomAccess } from "./rpc/grant-room-access.ts";
import { listFiles } from "./rpc/list-files.ts";
import { listFolders } from "./rpc/list-folders.ts";
import { listGrants } from "./rpc/list-grants.ts";
import { purgeFile } from "./rpc/purge-file.ts";
import { readContent } from "./rpc/read-content.ts";
import { restoreFile } from "./rpc/restore-file.ts";
import { revokeAccess } from "./rpc/revoke-access.ts";
import { updateFile } from "./rpc/update-file.ts";
import { updateFolder } from "./rpc/update-folder.ts";
import { uploadFile } from "./rpc/upload-file.ts";
import { openSigner } from "./signer.ts";
import { sweepHourly } from "./sweep.ts";
import { watchRooms } from "./watch-rooms.ts";

/** How files behaves; everything has the product's default. */
export type FilesOptions = {
  /** An upload of which no byte arrives for this long ends. */
  readonly uploadIdleMs?: number;
};

/** Who belongs to which room. */
const createRoomHandlers = (ctx: Pick<Context, "jobs">) => [
  onRoomMemberAdded(ctx),
  onRoomMemberRemoved(ctx),
  onRoomDeleted(ctx),
];

/** Files, their bytes, and who may read them. */
export const createFilesService = ({ uploadIdleMs = 60_000 }: FilesOptions = {}) =>
  defineService({
    name: "files",
    rpcs: [FileService, FileInternalService],
    publishes: [fileUploaded, fileUpdated, fileDeleted, fileRestored, filePurged, accessGranted, accessRevoked],
    migrations: join(import.meta.dirname, "migrations"),
    readModel,
    config,
    async open({ database, events, clients, jobs, home, log, patience, publicUrl }, { blobSettings, ...limits }) {
      const store = blobSettings?.provider === "s3" ? "S3 (FILES_S3_BUCKET)" : "the folder of files";
      const blobs = await patience(store, () => openBlobStore(home, blobSettings, database));
      const rooms = watchRooms(events, log);
      const signer = await openSigner(database.db);
      const ctx: Context = { database, events, clients, jobs, blobs, rooms, signer, publicUrl, ...limits };
      const sweep = sweepHourly(ctx, log);
      return {
        routes: (router) =>
          router
            .service(FileService, {
              getFile: getFile(ctx),
              listFiles: listFiles(ctx),
              uploadFile: uploadFile(ctx, uploadIdleMs),
              downloadFile: downloadFile(ctx),
              updateFile: updateFile(ctx),
              deleteFile: deleteFile(ctx),
              restoreFile: restoreFile(ctx),
              purgeFile: purgeFile(ctx),
              createFolder: createFolder(ctx),
              listFolders: listFolders(ctx),
              updateFolder: updateFolder(ctx),
              deleteFolder: deleteFolder(ctx),
              getUsage: getUsage(ctx),
              createDownloadUrl: createDownloadUrl(ctx),
              getLinkedFile: getLinkedFile(ctx),
              grantAccess: grantAccess(ctx),
              listGrants: listGrants(ctx),
              revokeAccess: revokeAccess(ctx),
            })
            .service(FileInternalService, {
              batchGetReadableFiles: batchGetReadableFiles(ctx),
              batchGetRoomReadableFiles: batchGetRoomReadableFiles(ctx),
              applyRoomMembers: applyRoomMembers(ctx),
              grantRoomAccess: grantRoomAccess(ctx),
              readContent: readContent(ctx),
            }),
        http: httpRoutes(ctx, uploadIdleMs),
        engines: [{ name: store, provider: blobSettings?.provider === "s3" ? "S3" : "a folder", ping: blobs.ping }],
        handlers: createRoomHandlers(ctx),
        readModelOn: (host) => ({ handlers: createRoomHandlers(host) }),
        jobs: [dropRoomGrants(ctx), eraseBlob(ctx), emptyFolderJob(ctx)],
        dispose: async () => {
          await Promise.all([sweep[Symbol.asyncDispose](), rooms[Symbol.asyncDispose]()]);
          await blobs[Symbol.asyncDispose]();
        },
      };
    },
  });

/** Files as the product runs it. */
export const filesService = createFilesService();
