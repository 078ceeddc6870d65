import { Container, Group, SegmentedControl, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { FoundFiles } from "./found-files.tsx";
import classes from "./library.module.css";
import type { LibrarySearch } from "./library-search.ts";
import { OwnFiles } from "./own-files.tsx";
import { SearchField } from "./search-field.tsx";
import { SharedFiles } from "./shared-files.tsx";
import { TrashedFiles } from "./trashed-files.tsx";

/** One's files in their folders, those that others share, and the trash. */
export function LibraryPage() {
  useDocumentTitle("Library · Lyceum");
  const { view, folder = "", q } = useSearch({ from: "/" });
  const navigate = useNavigate();
  const show = (to: string) => {
    const search: LibrarySearch = to === "shared" || to === "trash" ? { view: to } : {};
    void navigate({ to: "/", search });
  };
  return (
    <Container size="md" className={classes.page}>
      <Group justify="space-between" mb="lg" gap="sm">
        <Title order={1}>Library</Title>
        <SegmentedControl
          value={view ?? "own"}
          onChange={show}
          aria-label="Which files"
          data={[
            { value: "own", label: "Yours" },
            { value: "shared", label: "Shared with you" },
            { value: "trash", label: "Trash" },
          ]}
        />
      </Group>
      {view !== "trash" && <SearchField />}
      {q && view !== "trash" ? <FoundFiles query={q} /> : <Files view={view} folderId={folder} />}
    </Container>
  );
}

function Files({ view, folderId }: { view: LibrarySearch["view"]; folderId: string }) {
  if (view === "shared") return <SharedFiles />;
  if (view === "trash") return <TrashedFiles />;
  return <OwnFiles key={folderId} folderId={folderId} />;
}
