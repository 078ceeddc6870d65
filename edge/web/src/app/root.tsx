import { lazy, Suspense } from "react";
import { WelcomePage } from "../welcome/welcome-page.tsx";
import { useSignedIn } from "./app-context.tsx";

const Shell = lazy(() => import("./shell.tsx").then((module) => ({ default: module.Shell })));

/** The screens for whoever is signed in, or the way in; the address stays, so signing in leads to where one wanted to go. */
export function Root() {
  const person = useSignedIn();
  if (!person) return <WelcomePage />;
  return (
    <Suspense>
      <Shell key={person.userId} />
    </Suspense>
  );
}
