import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

/** The first screen comes before all others. */
const afterMs = 1_500;

/** Fetches the code of every screen ahead, so that neither a lost connection nor a new release stands in the way of one. */
export function usePreloadScreens(): void {
  const router = useRouter();
  useEffect(() => {
    const timer = setTimeout(() => {
      const chunks = Object.values(router.routesById).map((route) => router.loadRouteChunk(route));
      // What could not be fetched now is fetched when it is wanted.
      void Promise.allSettled([...chunks, import("../source/source-panel.tsx")]);
    }, afterMs);
    return () => clearTimeout(timer);
  }, [router]);
}
