import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** The gateway that `npm start` runs. */
const gateway = "http://localhost:8080";

export default defineConfig({
  plugins: [react(), pdfjsData()],
  // The gateway must see the page's own host, or it refuses its cookie.
  server: { proxy: { "^/(lyceum\\.|v1/|readyz|openapi)": { target: gateway, changeOrigin: false } } },
  // Inlined assets would be data: addresses, which the content security policy refuses.
  build: {
    // Browsers with light-dark(), since 2024; older targets would have it rewritten, and lose it.
    target: ["chrome123", "firefox128", "safari17.5"],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
});

/** Serves what pdf.js reads at run time (character maps, standard fonts, image decoders) below `/pdfjs/`. */
function pdfjsData(): Plugin {
  const root = join(fileURLToPath(import.meta.resolve("pdfjs-dist/package.json")), "..");
  const folders = ["cmaps", "standard_fonts", "wasm", "iccs"];
  return {
    name: "pdfjs-data",
    configureServer(server) {
      server.middlewares.use("/pdfjs", (req, res, next) => {
        const path = join(root, decodeURI(req.url ?? ""));
        const known = folders.some((folder) => path.startsWith(join(root, folder, "/")));
        if (!known || !existsSync(path)) return next();
        if (path.endsWith(".js")) res.setHeader("content-type", "text/javascript");
        createReadStream(path).pipe(res);
      });
    },
    generateBundle() {
      for (const folder of folders) {
        for (const name of readdirSync(join(root, folder))) {
          const source = readFileSync(join(root, folder, name));
          this.emitFile({ type: "asset", fileName: `pdfjs/${folder}/${name}`, source });
        }
      }
    },
  };
}
