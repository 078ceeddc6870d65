import type { DescField, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { findFieldPath, hasJsonForm, toJsonPath } from "../fields.ts";
import { type RestRoute, readRoutes } from "../routes.ts";
import { commentOf } from "./comments.ts";
import { limitsOf } from "./limits.ts";
import { problemResponse, problemSchema } from "./problem-schema.ts";
import { createSchemas, type JsonSchema, type Schemas } from "./schemas.ts";

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = {
  openapi: string;
  paths: Record<string, Record<string, unknown>>;
  [key: string]: unknown;
};

/** An endpoint that is no RPC. */
export type PlainRoute = {
  readonly method: string;
  /** Such as `/v1/files/{file_id}/content`. */
  readonly path: string;
  /** `signed` takes a token, or a URL that lets in whoever has it. */
  readonly access: "public" | "user" | "signed";
  /** Its OpenAPI operation object. Path parameters, security and the problem response are added where it has none. */
  readonly operation: Record<string, unknown>;
};

export type OpenApiOptions = {
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description?: string;
    readonly license?: { readonly name: string; readonly identifier: string };
  };
  /** How callers get the bearer token that everything but public operations asks for. */
  readonly bearerDescription?: string;
  /** With source information (`buf build --as-file-descriptor-set`) their comments become descriptions. */
  readonly services: readonly DescService[];
  /** Says which RPCs need no token. */
  readonly isPublic: (rpc: DescMethod) => boolean;
  readonly plainRoutes?: readonly PlainRoute[];
};

/**
 * Describes the REST routes of these services in OpenAPI 3.1. `operationId` is `<Service>_<Method>`; limits of protovalidate
 * are JSON Schema keywords; schemas are named after their types in full; every operation may answer a problem.
 */
export function toOpenApi({
  info,
  bearerDescription = "An access token.",
  services,
  isPublic,
  plainRoutes = [],
}: OpenApiOptions): OpenApiDocument {
  const schemas = createSchemas();
  const routes = readRoutes(services);
  const paths: OpenApiDocument["paths"] = {};
  const add = (path: string, method: string, operation: JsonSchema) => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  const used = new Map<DescMethod, number>();
  for (const service of services) {
    for (const rpc of service.methods) {
      for (const route of routes.filter((candidate) => candidate.rpc === rpc)) {
        const count = (used.get(rpc) ?? 0) + 1;
        used.set(rpc, count);
        add(route.path.openApiPath, route.httpMethod, toOperation(route, schemas, isPublic(rpc), count));
      }
    }
  }
  for (const route of plainRoutes)
    add(
      route.path,
      route.method,
      toPlainOperation(route, (name) => findVariable(routes, route.path, name)),
    );
  return {
    openapi: "3.1.0",
    info,
    security: [{ bearer: [] }],
    tags: services.map((service) => ({ name: service.name, description: commentOf(service) })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer", description: bearerDescription } },
      responses: { Problem: problemResponse },
      schemas: { ...schemas.components, Problem: problemSchema },
    },
  };
}

function toOperation(route: RestRoute, schemas: Schemas, isPublic: boolean, count: number): JsonSchema {
  const { rpc, body } = route;
  const comment = commentOf(rpc);
  const bound = new Set(route.variables.flatMap((fields) => (fields.length === 1 ? fields : [])));
  const parameters = [...toPathParameters(route, schemas), ...toQueryParameters(route, schemas, bound)];
  const bodySchema =
    body === undefined
      ? undefined
      : body !== "*"
        ? schemas.field(body, "request")
        : bound.size > 0
          ? schemas.describe(rpc.input, "request", bound)
          : schemas.refer(rpc.input, "request");
  const needsBody = rpc.input.fields.some((field) => !bound.has(field) && limitsOf(field).required);
  return {
    operationId: `${rpc.parent.name}_${rpc.name}${count > 1 ? `_${count}` : ""}`,
    tags: [rpc.parent.name],
    ...(comment ? { summary: comment.split(/(?<=[.:;]) /)[0]?.replace(/[.:;]$/, ""), description: comment } : {}),
    ...(isPublic ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(bodySchema ? { requestBody: toRequestBody(needsBody, bodySchema) } : {}),
    responses: { "200": toResponse(route, schemas), default: { $ref: "#/components/responses/Problem" } },
  };
}

function toRequestBody(required: boolean, schema: JsonSchema): JsonSchema {
  return { ...(required ? { required } : {}), content: { "application/json": { schema } } };
}

function toResponse({ rpc, responseBody }: RestRoute, schemas: Schemas): JsonSchema {
  const schema = responseBody ? schemas.field(responseBody, "response") : schemas.refer(rpc.output, "response");
  if (rpc.methodKind === "unary") {
    return { description: commentOf(rpc.output) || "The answer.", content: { "application/json": { schema } } };
  }
  return {
    description:
      "A stream: server-sent events, each with this as its `data`, where `Accept` is text/event-stream; else a line of JSON " +
      'for each. A failure on the way is a last event `error` with a problem, or a last line `{"error": problem}`.',
    content: { "text/event-stream": { schema }, "application/x-ndjson": { schema } },
  };
}

function toPathParameters({ path, variables }: RestRoute, schemas: Schemas): JsonSchema[] {
  return variables.map((fields, index) => {
    return {
      ...toParameter(path.variables[index] as string, fields.at(-1) as DescField, schemas),
      in: "path",
      required: true,
    };
  });
}

function toQueryParameters({ rpc, body }: RestRoute, schemas: Schemas, bound: ReadonlySet<DescField>): JsonSchema[] {
  if (body === "*") return [];
  return listTextFields(rpc.input, [], new Set())
    .filter(([first]) => first !== body && !bound.has(first as DescField))
    .map((fields) => ({ ...toParameter(toJsonPath(fields), fields.at(-1) as DescField, schemas), in: "query" }));
}

function toParameter(name: string, field: DescField, schemas: Schemas): JsonSchema {
  const { description, ...schema } = schemas.field(field, "request");
  const required = limitsOf(field).required ? { required: true } : {};
  return { name, ...(description ? { description } : {}), ...required, schema };
}

/** Every field that can be written in a query, those of nested messages by their path. */
function listTextFields(message: DescMessage, path: DescField[], outer: ReadonlySet<DescMessage>): DescField[][] {
  if (outer.has(message)) return [];
  return message.fields.flatMap((field) => {
    const here = [...path, field];
    if (field.fieldKind === "map" || (field.fieldKind === "list" && field.message && !hasJsonForm(field.message)))
      return [];
    if (field.fieldKind === "message" && !hasJsonForm(field.message)) {
      return listTextFields(field.message, here, new Set([...outer, message]));
    }
    return findFieldPath(here[0]?.parent as DescMessage, toJsonPath(here)) ? [here] : [];
  });
}

/** What an RPC says of a path variable that a plain route has at the same place. */
function findVariable(routes: readonly RestRoute[], path: string, name: string): DescField | undefined {
  const head = path.slice(0, path.indexOf(`{${name}}`));
  const route = routes.find(({ path: other }) => other.openApiPath.startsWith(`${head}{${name}}`));
  return route?.variables[route.path.variables.indexOf(name)]?.at(-1);
}

function toPlainOperation(
  { path, access, operation }: PlainRoute,
  find: (name: string) => DescField | undefined,
): JsonSchema {
  const given = (operation.parameters ?? []) as { name?: string }[];
  const missing = [...path.matchAll(/\{(\w+)\}/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !given.some((parameter) => parameter.name === name))
    .map((name) => {
      const field = find(name);
      const description = field ? commentOf(field) : "";
      return { name, in: "path", required: true, ...(description ? { description } : {}), schema: { type: "string" } };
    });
  const parameters = [...missing, ...given];
  return {
    ...(access === "public" ? { security: [] } : access === "signed" ? { security: [{ bearer: [] }, {}] } : {}),
    ...(operation.summary === undefined ? {} : { description: operation.summary }),
    ...operation,
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: { default: { $ref: "#/components/responses/Problem" }, ...(operation.responses as object | undefined) },
  };
}
