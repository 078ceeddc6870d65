import { WelcomePage } from "../welcome/welcome-page.tsx";
import { useSignedIn } from "./app-context.tsx";
import { Shell } from "./shell.tsx";

/** The screens for whoever is signed in, or the way in; the address stays, so signing in leads to where one wanted to go. */
export function Root() {
  const person = useSignedIn();
  return person ? <Shell key={person.userId} /> : <WelcomePage />;
}
