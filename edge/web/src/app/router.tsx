import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { readAccountSearch } from "../account/account-search.ts";
import { readLibrarySearch } from "../library/library-search.ts";
import { readSourceSearch } from "../source/source-search.ts";
import { ErrorPage } from "./error-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { Root } from "./root.tsx";

const root = createRootRoute({ component: Root, validateSearch: readSourceSearch, notFoundComponent: NotFoundPage });

const library = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: readLibrarySearch,
  component: lazyRouteComponent(() => import("../library/library-page.tsx"), "LibraryPage"),
});

const ask = createRoute({
  getParentRoute: () => root,
  path: "/ask/{-$conversationId}",
  /** `in` limits the next question to one file. */
  validateSearch: (search: Record<string, unknown>): { in?: string } =>
    typeof search.in === "string" ? { in: search.in } : {},
  component: lazyRouteComponent(() => import("../ask/ask-page.tsx"), "AskPage"),
});

const rooms = createRoute({
  getParentRoute: () => root,
  path: "/rooms",
  component: lazyRouteComponent(() => import("../rooms/rooms-page.tsx"), "RoomsPage"),
});

const room = createRoute({
  getParentRoute: () => root,
  path: "/rooms/$roomId",
  component: lazyRouteComponent(() => import("../rooms/room-page.tsx"), "RoomPage"),
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  validateSearch: readAccountSearch,
  component: lazyRouteComponent(() => import("../account/account-page.tsx"), "AccountPage"),
});

const admin = createRoute({
  getParentRoute: () => root,
  path: "/admin",
  validateSearch: ({ log }: Record<string, unknown>): { log?: true } => (log === true ? { log } : {}),
  component: lazyRouteComponent(() => import("../admin/admin-page.tsx"), "AdminPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([library, ask, rooms, room, account, admin]),
  defaultPreload: "intent",
  defaultErrorComponent: ErrorPage,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
