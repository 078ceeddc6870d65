import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { pathTo } from "./folders.ts";
import classes from "./library.module.css";
import { useFolders } from "./use-folders.ts";

/** Where one is in the library, and the way back up. */
export function Breadcrumbs({ folderId }: { folderId: string }) {
  const { folders } = useFolders();
  const path = pathTo(folders, folderId);
  return (
    <nav className={classes.crumbs} aria-label="Folders">
      <ol>
        <li>
          <Link to="/" search={{}}>
            Library
          </Link>
        </li>
        {path.map(({ id, name }, index) => (
          <li key={id}>
            <IconChevronRight aria-hidden size={15} />
            {index === path.length - 1 ? (
              <span aria-current="page">{name}</span>
            ) : (
              <Link to="/" search={{ folder: id }}>
                {name}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
