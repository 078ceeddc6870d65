import { useQuery } from "@connectrpc/connect-query";
import { IdentityService } from "@lyceum/client";
import { Skeleton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconBooks, IconMessageQuestion, IconMessages, IconShieldCheck, IconUserCircle } from "@tabler/icons-react";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { ConversationLinks } from "../ask/conversation-links.tsx";
import { DropTarget } from "../library/drop-target.tsx";
import { searchFieldId } from "../library/search-field.tsx";
import { useRefreshAfterUploads } from "../library/use-refresh-after-uploads.ts";
import { PersonAvatar } from "../people/person-avatar.tsx";
import { usePerson } from "../people/use-person.ts";
import { StepUpDialog } from "../proof/step-up-dialog.tsx";
import { RoomLinks } from "../rooms/room-links.tsx";
import { useMessageNotices } from "../rooms/use-message-notices.ts";
import { useUnreadRooms } from "../rooms/use-rooms.ts";
import { useSource } from "../source/source-search.ts";
import { useApp, useMe } from "./app-context.tsx";
import classes from "./shell.module.css";
import { useIsPhone } from "./use-is-phone.ts";
import { useChosenLooks } from "./use-preferences.ts";
import { usePreloadScreens } from "./use-preload-screens.ts";
import { Wordmark } from "./wordmark.tsx";

const SourcePanel = lazy(() => import("../source/source-panel.tsx").then((m) => ({ default: m.SourcePanel })));

const places = [
  { to: "/", label: "Library", icon: IconBooks },
  { to: "/ask/{-$conversationId}", label: "Ask", icon: IconMessageQuestion },
  { to: "/rooms", label: "Rooms", icon: IconMessages },
  { to: "/account", label: "Account", icon: IconUserCircle },
] as const;
const administration = { to: "/admin", label: "Admin", icon: IconShieldCheck } as const;

/** The frame of every screen: places on the left, or at the bottom of a phone; a source beside what cites it. */
export function Shell() {
  const { source } = useSource();
  const phone = useIsPhone();
  useRefreshAfterUploads();
  useChosenLooks();
  useMessageNotices();
  useSearchKey();
  usePreloadScreens();
  const { rooms, uploads } = useApp();
  useEffect(() => {
    uploads.start();
    rooms.start();
  }, [rooms, uploads]);
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
      <StepUpDialog />
    </div>
  );
}

/** Ctrl K, or ⌘ K, leads to where one searches, from any field too. */
function useSearchKey(): void {
  const navigate = useNavigate();
  const search = async () => {
    if (!document.getElementById(searchFieldId)) await navigate({ to: "/" });
    requestAnimationFrame(() => document.getElementById(searchFieldId)?.focus());
  };
  useHotkeys([["mod+K", () => void search()]], []);
}

function Navigation({ phone, hidden }: { phone: boolean; hidden: boolean }) {
  const { data } = useQuery(IdentityService.method.getAccount, {});
  const shown = data?.user?.roles.length ? [...places, administration] : places;
  return (
    <nav className={classes.nav} aria-label="Main" inert={hidden}>
      {!phone && (
        <div className={classes.brand}>
          <Wordmark />
        </div>
      )}
      {shown.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          params={{ conversationId: undefined }}
          search={({ source, answer, cite }) => (source ? { source, answer, cite } : {})}
          activeOptions={{ exact: to === "/", includeSearch: false }}
          className={classes.place}
          activeProps={{ "data-active": true }}
        >
          <Icon aria-hidden size={22} stroke={1.6} />
          <span>{label}</span>
          {to === "/rooms" && <UnreadRooms />}
        </Link>
      ))}
      {!phone && <SideList />}
      {!phone && <Person />}
    </nav>
  );
}

/** What the place one is in holds. */
function SideList() {
  const path = useLocation({ select: ({ pathname }) => pathname });
  if (path.startsWith("/rooms/")) return <RoomLinks />;
  return path.startsWith("/ask") && <ConversationLinks />;
}

function UnreadRooms() {
  const unread = useUnreadRooms();
  if (unread === 0) return null;
  return (
    <span className={classes.badge} data-testid="unread-rooms">
      {unread}
      <span className={classes.hidden}> with something new</span>
    </span>
  );
}

function Person() {
  const me = useMe();
  const name = usePerson(me)?.name;
  return (
    <div className={classes.person}>
      {name ? (
        <>
          <PersonAvatar userId={me} size={32} />
          <span className={classes.name}>{name}</span>
        </>
      ) : (
        <Skeleton height={32} />
      )}
    </div>
  );
}
