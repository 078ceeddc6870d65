import { useLocation } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { findMailLink } from "../welcome/mail-links.ts";
import { WelcomePage } from "../welcome/welcome-page.tsx";
import { useSignedIn } from "./app-context.tsx";

const Shell = lazy(() => import("./shell.tsx").then((module) => ({ default: module.Shell })));
const MailLinkPage = lazy(() =>
  import("../welcome/mail-link-page.tsx").then((module) => ({ default: module.MailLinkPage })),
);
const ProviderCallbackPage = lazy(() =>
  import("../welcome/provider-callback-page.tsx").then((module) => ({ default: module.ProviderCallbackPage })),
);
const SignInLinkPage = lazy(() =>
  import("../welcome/sign-in-link-page.tsx").then((module) => ({ default: module.SignInLinkPage })),
);

/** The screens for whoever is signed in, or the way in; the address stays, so signing in leads to where one wanted to go. */
export function Root() {
  const person = useSignedIn();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const link = findMailLink(path);
  if (link)
    return (
      <Suspense>
        <MailLinkPage link={link} />
      </Suspense>
    );
  if (path === "/sign-in-link")
    return (
      <Suspense>
        <SignInLinkPage />
      </Suspense>
    );
  if (path === "/auth/callback")
    return (
      <Suspense>
        <ProviderCallbackPage />
      </Suspense>
    );
  if (!person) return <WelcomePage />;
  return (
    <Suspense>
      <Shell key={person.userId} />
    </Suspense>
  );
}
