import { type File, FileService } from "@lyceum/client";
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFolderPlus } from "@tabler/icons-react";
import { useEffect } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { ShowMore } from "../app/show-more.tsx";
import { useStore } from "../app/store.ts";
import { useInvalidate } from "../app/use-invalidate.ts";
import { AddFiles } from "./add-files.tsx";
import { Breadcrumbs } from "./breadcrumbs.tsx";
import { FileRow } from "./file-row.tsx";
import { FolderRow } from "./folder-row.tsx";
import { childrenOf } from "./folders.ts";
import classes from "./library.module.css";
import { NameDialog } from "./name-dialog.tsx";
import { NextStep } from "./next-step.tsx";
import { RowSkeletons } from "./row-skeletons.tsx";
import { UploadRow } from "./upload-row.tsx";
import { UsageBar } from "./usage-bar.tsx";
import { useOwnDocuments } from "./use-documents.ts";
import { useFiles } from "./use-files.ts";
import { useFolders } from "./use-folders.ts";

/** One's own files in a folder, the folders in it, and what is on its way there. */
export function OwnFiles({ folderId }: { folderId: string }) {
  const list = useFiles({ shared: false, folderId });
  const { folders } = useFolders();
  const within = childrenOf(folders, folderId);
  const documents = useOwnDocuments(list.files);
  const uploads = useNewUploads(list.files, folderId);
  const isBare = folderId === "" && list.isSuccess && list.files.length + uploads.length + folders.size === 0;
  const askable = list.files.find(({ id }) => documents.get(id)?.searchable);
  const count = list.files.length + uploads.length + within.length;
  return (
    <>
      {folderId !== "" && (
        <div className={classes.path}>
          <Breadcrumbs folderId={folderId} />
        </div>
      )}
      <div className={classes.top}>
        <AddFiles inviting={isBare} folderId={folderId} />
        {!isBare && <NewFolder parentId={folderId} />}
      </div>
      {askable && <NextStep file={askable} />}
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <RowSkeletons />}
      {list.isSuccess && count === 0 && !isBare && <p className={classes.nothing}>Nothing here yet.</p>}
      {count > 0 && (
        <ul className={classes.list} aria-label="Your files">
          {within.map((folder) => (
            <FolderRow key={folder.id} folder={folder} />
          ))}
          {uploads.map((upload) => (
            <UploadRow key={upload.key} upload={upload} />
          ))}
          {list.files.map((file) => (
            <FileRow key={file.id} file={file} document={documents.get(file.id)} own />
          ))}
        </ul>
      )}
      {list.hasNextPage && <ShowMore busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
      {!isBare && <UsageBar />}
    </>
  );
}

function NewFolder({ parentId }: { parentId: string }) {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconFolderPlus aria-hidden size={18} stroke={1.6} />}
        onClick={open}
        data-testid="new-folder"
      >
        New folder
      </Button>
      <NameDialog
        opened={opened}
        onClose={close}
        title="New folder"
        action="Create"
        name=""
        onName={async (name) => {
          await lyceum.files.createFolder({ name, parentId });
          await invalidate(FileService.method.listFolders);
        }}
      />
    </>
  );
}

/** The uploads to a folder that are not in its list yet. */
function useNewUploads(files: readonly File[], folderId: string) {
  const { uploads } = useApp();
  const all = useStore(uploads.list);
  const listed = new Set(files.map(({ id }) => id));
  useEffect(() => {
    for (const { key, stored } of all) if (stored && listed.has(stored.id)) uploads.forget(key);
  });
  return all.filter((upload) => upload.folderId === folderId && !(upload.stored && listed.has(upload.stored.id)));
}
