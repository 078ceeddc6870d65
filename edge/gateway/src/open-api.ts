import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DescService } from "@bufbuild/protobuf";
import type { OpenApiDocument } from "@lyceum/rest";

/** An endpoint that is no RPC, and the proto service whose process serves it. */
export type DescribedRoute = { readonly method: string; readonly path: string; readonly service: DescService };

/** The generated description of Lyceum, cut down to what these services offer. */
export function readOpenApi(services: readonly DescService[]): OpenApiDocument {
  const document = JSON.parse(readFileSync(generated, "utf8")) as OpenApiDocument;
  const names = new Set(services.map(({ name }) => name));
  const paths = Object.entries(document.paths).map(([path, methods]): [string, Record<string, unknown>] => {
    const offered = Object.entries(methods).filter(([, operation]) => names.has(serviceNameOf(operation)));
    return [path, Object.fromEntries(offered)];
  });
  const offered = Object.fromEntries(paths.filter(([, methods]) => Object.keys(methods).length > 0));
  const { schemas, ...components } = document.components as { schemas: Record<string, unknown> };
  return {
    ...document,
    tags: (document.tags as { name: string }[]).filter(({ name }) => names.has(name)),
    paths: offered,
    components: { ...components, schemas: pickReferred(schemas, [offered, components]) },
  };
}

/** The schemas that these parts refer to, and those they refer to in turn. */
function pickReferred(schemas: Readonly<Record<string, unknown>>, parts: unknown[]): Record<string, unknown> {
  const found = new Set<string>();
  for (const part of parts) {
    for (const [, name = ""] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (found.has(name)) continue;
      found.add(name);
      parts.push(schemas[name]);
    }
  }
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => found.has(name)));
}

/** Every endpoint of a description, with the service its `operationId` names. */
export function listRoutes(document: OpenApiDocument, services: readonly DescService[]): DescribedRoute[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const service = services.find(({ name }) => name === serviceNameOf(operation));
      return service ? [{ method: method.toUpperCase(), path, service }] : [];
    }),
  );
}

const generated = fileURLToPath(import.meta.resolve("@lyceum/gen/openapi/openapi.json"));

function serviceNameOf(operation: unknown): string {
  return String((operation as { operationId?: string }).operationId).split("_")[0] ?? "";
}
