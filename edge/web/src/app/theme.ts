import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const laurel: MantineColorsTuple = [
  "#eef6f2",
  "#dcebe4",
  "#b8d8cb",
  "#91c3b0",
  "#74b79e",
  "#4f9d83",
  "#358a70",
  "#226f59",
  "#1a5a48",
  "#124436",
];
const stone: MantineColorsTuple = [
  "#faf9f5",
  "#f3f1ea",
  "#e9e6dd",
  "#dfdbd0",
  "#cdc9bd",
  "#a5a297",
  "#63665d",
  "#4c4f47",
  "#33352f",
  "#1d1f1c",
];
const night: MantineColorsTuple = [
  "#ecebe6",
  "#cdcec7",
  "#a9aca3",
  "#868a80",
  "#42453f",
  "#363834",
  "#232522",
  "#1b1c1a",
  "#131412",
  "#0e0f0d",
];

/** One accent, laurel green; warm greys; Inter for the controls and Newsreader for what is read. */
export const theme = createTheme({
  colors: { laurel, gray: stone, dark: night },
  primaryColor: "laurel",
  primaryShade: 7,
  black: "#1d1f1c",
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  headings: { fontFamily: "var(--serif)", fontWeight: "500" },
  fontSizes: { xs: "0.8125rem", sm: "0.9rem", md: "1rem", lg: "1.125rem", xl: "1.3rem" },
  defaultRadius: "md",
  radius: { md: "10px", lg: "16px" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Modal: { styles: { title: { fontFamily: "var(--serif)", fontSize: "1.3rem", fontWeight: 500, lineHeight: 1.3 } } },
  },
});

/** Mantine's surfaces and quiet text in both schemes. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#faf9f5",
    "--mantine-color-dimmed": "#5a5d54",
    "--mantine-color-default-border": "#dfdbd0",
    "--mantine-color-error": "#b3372b",
    "--mantine-color-placeholder": "#6f7268",
  },
  dark: {
    "--mantine-color-body": "#171816",
    "--mantine-color-anchor": "#74b79e",
    "--mantine-color-laurel-light": "#20372f",
    "--mantine-color-laurel-light-hover": "#28443a",
    "--mantine-color-laurel-light-color": "#a5d8c5",
    "--mantine-color-dimmed": "#a9aca3",
    "--mantine-color-error": "#f0978c",
    "--mantine-color-placeholder": "#93968c",
  },
});
