import { existsSync } from "node:fs";

/** The Chromium the browser tests drive: `CHROMIUM_PATH`, else the usual places of Linux and macOS. */
export function findChromium(): string | undefined {
  const places = [
    process.env.CHROMIUM_PATH,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  return places.find((path) => path && existsSync(path));
}
