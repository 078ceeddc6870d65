import { problemOf } from "@lyceum/client";
import { notifications } from "@mantine/notifications";
import { useApp } from "./app-context.tsx";

/** Signs out, and says so where it failed: only the server can delete the cookie. */
export function useSignOut(): () => void {
  const { session } = useApp().lyceum;
  return () =>
    void session.signOut().catch((error: unknown) => {
      notifications.show({ color: "red", message: `You are still signed in. ${problemOf(error).message}` });
    });
}
