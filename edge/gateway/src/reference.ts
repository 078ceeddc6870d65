import type { IncomingMessage, ServerResponse } from "node:http";
import { documentHeaders } from "./security-headers.ts";
import { type Asset, createAsset, sendAsset } from "./send-asset.ts";

/**
 * Serves `/docs`, the reference of the API that Scalar draws from `/openapi.json`, and its scripts. Resolves to false for any
 * other path. Everything comes from here: nothing is loaded from, or told to, another host.
 */
export function createReference(): (req: IncomingMessage, res: ServerResponse, path: string) => Promise<boolean> {
  const html = createAsset(page, { "content-type": "text/html; charset=utf-8", ...documentHeaders({}) });
  const start = createAsset(startScript, script);
  let scalar: Promise<Asset> | undefined;
  const find = (path: string) => {
    if (path === "/docs" || path === "/docs/") return html;
    if (path === "/docs/start.js") return start;
    if (path !== "/docs/scalar.js") return undefined;
    scalar ??= readScalar().then((text) => createAsset(text, script));
    return scalar;
  };
  return async (req, res, path) => {
    const asset = await find(path);
    if (asset) await sendAsset(req, res, asset);
    return asset !== undefined;
  };
}

const script = { "content-type": "text/javascript; charset=utf-8" };

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <title>Lyceum API</title>
  </head>
  <body>
    <div id="reference"></div>
    <noscript>The reference needs JavaScript; what it shows is in <a href="/openapi.json">openapi.json</a>.</noscript>
    <script src="/docs/scalar.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const startScript = `Scalar.createApiReference("#reference", ${JSON.stringify({
  url: "/openapi.json",
  telemetry: false,
  withDefaultFonts: false,
  showDeveloperTools: "never",
  agent: { disabled: true, hideAddApi: true },
  mcp: { disabled: true },
  hideClientButton: true,
  defaultOpenAllTags: false,
  persistAuth: false,
})});
`;

type FastifyRoute = { readonly url: string; handler(req: unknown, reply: FastifyReply): string };
type FastifyReply = { header(name: string, value: string): FastifyReply; send(body: string): string };
type FastifyPlugin = (
  fastify: { route(route: FastifyRoute): void; readonly initialConfig: object },
  options: { readonly routePrefix: string; readonly configuration: { readonly url: string } },
  done: () => void,
) => void;

/**
 * Scalar's script. Its plugin for Fastify carries it in one file, without the 270 packages that the script is built from; so
 * the plugin is given a server that only remembers routes.
 */
async function readScalar(): Promise<string> {
  const routes: FastifyRoute[] = [];
  const { default: plugin } = (await import("@scalar/fastify-api-reference")) as unknown as { default: FastifyPlugin };
  plugin(
    { route: (route) => routes.push(route), initialConfig: {} },
    { routePrefix: "/docs", configuration: { url: "/openapi.json" } },
    () => undefined,
  );
  const reply: FastifyReply = { header: () => reply, send: (body) => body };
  const route = routes.find(({ url }) => url.endsWith(".js"));
  if (!route) throw new Error("Scalar's plugin serves no script any more.");
  return route.handler(undefined, reply);
}
