import { useQuery } from "@connectrpc/connect-query";
import { ColorScheme, type Preferences, ProfileService } from "@lyceum/client";
import { useMantineColorScheme } from "@mantine/core";
import { useCallback, useEffect } from "react";

const schemes = { [ColorScheme.LIGHT]: "light", [ColorScheme.DARK]: "dark" } as const;

/** The signed-in person's choices; undefined until they are known. */
export function usePreferences(): Preferences | undefined {
  const { data } = useQuery(ProfileService.method.getProfile, { userId: "me" });
  return data?.profile?.preferences;
}

/** Shows the page in a colour scheme, on this device. */
export function useSchemeChoice(): (scheme: ColorScheme) => void {
  const { setColorScheme } = useMantineColorScheme();
  return useCallback((scheme) => setColorScheme(schemes[scheme as keyof typeof schemes] ?? "auto"), [setColorScheme]);
}

/** Makes the page look as its person chose on whichever device. */
export function useChosenLooks(): void {
  const preferences = usePreferences();
  const chooseScheme = useSchemeChoice();
  const scheme = preferences?.colorScheme;
  useEffect(() => {
    if (scheme !== undefined) chooseScheme(scheme);
  }, [scheme, chooseScheme]);
  const { compact = false, reducedMotion = false } = preferences ?? {};
  useEffect(() => {
    document.documentElement.toggleAttribute("data-compact", compact);
    document.documentElement.toggleAttribute("data-still", reducedMotion);
  }, [compact, reducedMotion]);
}
