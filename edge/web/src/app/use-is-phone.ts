import { useMediaQuery } from "@mantine/hooks";

/** True where one column is all there is room for; the same bound as in the style sheets. */
export function useIsPhone(): boolean {
  return useMediaQuery("(max-width: 760px)", false, { getInitialValueInEffect: false });
}
