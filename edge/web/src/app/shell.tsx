import { useQuery } from "@connectrpc/connect-query";
import { ProfileService } from "@lyceum/client";
import { Avatar, Skeleton } from "@mantine/core";
import { IconBooks, IconMessageQuestion, IconUserCircle } from "@tabler/icons-react";
import { Link, Outlet } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { DropTarget } from "../library/drop-target.tsx";
import { useRefreshAfterUploads } from "../library/use-refresh-after-uploads.ts";
import { useSource } from "../source/source-search.ts";
import classes from "./shell.module.css";
import { useIsPhone } from "./use-is-phone.ts";
import { Wordmark } from "./wordmark.tsx";

const SourcePanel = lazy(() => import("../source/source-panel.tsx").then((m) => ({ default: m.SourcePanel })));

const places = [
  { to: "/", label: "Library", icon: IconBooks },
  { to: "/ask", label: "Ask", icon: IconMessageQuestion },
  { to: "/account", label: "Account", icon: IconUserCircle },
] as const;

/** The frame of every screen: places on the left, or at the bottom of a phone; a source beside what cites it. */
export function Shell() {
  const { source } = useSource();
  const phone = useIsPhone();
  useRefreshAfterUploads();
  return (
    <div className={classes.shell} data-source={source ? "open" : undefined}>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <Navigation phone={phone} hidden={phone && Boolean(source)} />
      {/* A source covers a phone's screen: what lies below must not take focus. */}
      <main id="main" className={classes.main} tabIndex={-1} inert={phone && Boolean(source)}>
        <Outlet />
      </main>
      {source && (
        <Suspense fallback={<aside className={classes.source} aria-label="Source" aria-busy="true" />}>
          <SourcePanel key={source} className={classes.source ?? ""} phone={phone} />
        </Suspense>
      )}
      <DropTarget />
    </div>
  );
}

function Navigation({ phone, hidden }: { phone: boolean; hidden: boolean }) {
  return (
    <nav className={classes.nav} aria-label="Main" inert={hidden}>
      {!phone && (
        <div className={classes.brand}>
          <Wordmark />
        </div>
      )}
      {places.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          search={({ source, answer, cite }) => (source ? { source, answer, cite } : {})}
          activeOptions={{ exact: true, includeSearch: false }}
          className={classes.place}
          activeProps={{ "data-active": true }}
        >
          <Icon aria-hidden size={22} stroke={1.6} />
          <span>{label}</span>
        </Link>
      ))}
      {!phone && <Person />}
    </nav>
  );
}

function Person() {
  const { data } = useQuery(ProfileService.method.getProfile, { userId: "me" });
  const name = data?.profile?.displayName;
  return (
    <div className={classes.person}>
      {name ? (
        <>
          <Avatar name={name} color="laurel" size={32} aria-hidden />
          <span className={classes.name}>{name}</span>
        </>
      ) : (
        <Skeleton height={32} />
      )}
    </div>
  );
}
