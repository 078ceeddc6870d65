import { join } from "node:path";
import { accessGranted } from "@lyceum/gen/events/lyceum/files/v1/access_granted.ts";
import { accessRevoked } from "@lyceum/gen/events/lyceum/files/v1/access_revoked.ts";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import { fileUploaded } from "@lyceum/gen/events/lyceum/files/v1/file_uploaded.ts";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { defineService } from "@lyceum/service";
import { openBlobStore } from "./blobs/index.ts";
import { config } from "./config.ts";
import type { Context } from "./context.ts";
import { httpRoutes } from "./http/routes.ts";
import { batchGetReadableFiles } from "./rpc/batch-get-readable-files.ts";
import { deleteFile } from "./rpc/delete-file.ts";
import { getFile } from "./rpc/get-file.ts";
import { grantAccess } from "./rpc/grant-access.ts";
import { listFiles } from "./rpc/list-files.ts";
import { listGrants } from "./rpc/list-grants.ts";
import { readContent } from "./rpc/read-content.ts";
import { revokeAccess } from "./rpc/revoke-access.ts";
import { startSweep } from "./sweep.ts";

/** How files behaves; everything has the product's default. */
export type FilesOptions = {
  /** An upload of which no byte arrives for this long ends. */
  readonly uploadIdleMs?: number;
};

/** Files, their bytes, and who may read them. */
export const createFilesService = (options: FilesOptions = {}) =>
  defineService({
    name: "files",
    rpcs: [FileService, FileInternalService],
    publishes: [fileUploaded, fileDeleted, accessGranted, accessRevoked],
    migrations: join(import.meta.dirname, "migrations"),
    config,
    async open({ database, events, clients, home, log }) {
      const ctx: Context = { database, events, clients, blobs: await openBlobStore(home) };
      const sweep = startSweep(ctx, log);
      return {
        routes: (router) =>
          router
            .service(FileService, {
              getFile: getFile(ctx),
              listFiles: listFiles(ctx),
              deleteFile: deleteFile(ctx),
              grantAccess: grantAccess(ctx),
              listGrants: listGrants(ctx),
              revokeAccess: revokeAccess(ctx),
            })
            .service(FileInternalService, {
              batchGetReadableFiles: batchGetReadableFiles(ctx),
              readContent: readContent(ctx),
            }),
        http: httpRoutes(ctx, options),
        dispose: async () => sweep[Symbol.asyncDispose](),
      };
    },
  });

/** Files as the product runs it. */
export const filesService = createFilesService();
