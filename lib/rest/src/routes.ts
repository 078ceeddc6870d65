import { type DescField, type DescMethod, type DescService, getOption } from "@bufbuild/protobuf";
import { http } from "@lyceum/gen/proto/google/api/annotations_pb.ts";
import type { HttpRule } from "@lyceum/gen/proto/google/api/http_pb.ts";
import { findFieldPath } from "./fields.ts";
import { type PathTemplate, readPathTemplate } from "./path-template.ts";

/** One HTTP method and path of an RPC. */
export type RestRoute = {
  readonly rpc: DescMethod & { methodKind: "unary" | "server_streaming" };
  readonly httpMethod: string;
  readonly path: PathTemplate;
  /** The fields each path variable fills, outermost first. */
  readonly variables: readonly (readonly DescField[])[];
  /** `*` for the whole request, a field for that one, undefined for no body. */
  readonly body: "*" | DescField | undefined;
  /** The field that is the whole answer; undefined for the response itself. */
  readonly responseBody: DescField | undefined;
};

/**
 * The REST routes that the `google.api.http` options of these services declare, the most specific first. RPCs with a
 * client stream have none. Throws if an option names an unknown field or two RPCs claim one path.
 */
export function readRoutes(services: readonly DescService[]): RestRoute[] {
  const routes = services.flatMap((service) => service.methods.flatMap(readMethod));
  const owners = new Map<string, RestRoute>();
  for (const route of routes) {
    const key = `${route.httpMethod} ${route.path.openApiPath.replace(/\{[^}]*\}/g, "{}")}`;
    const owner = owners.get(key);
    if (owner) throw new Error(`${route.rpc} and ${owner.rpc} both claim ${key}.`);
    owners.set(key, route);
  }
  return routes.sort((a, b) => (a.path.specificity < b.path.specificity ? 1 : -1));
}

/** The method and path, in OpenAPI's spelling, of every REST route that these services declare. */
export function listRestRoutes(services: readonly DescService[]): { method: string; path: string; rpc: DescMethod }[] {
  return readRoutes(services).map(({ httpMethod, path, rpc }) => ({ method: httpMethod, path: path.openApiPath, rpc }));
}

function readMethod(rpc: DescMethod): RestRoute[] {
  if (rpc.methodKind !== "unary" && rpc.methodKind !== "server_streaming") return [];
  const rule = getOption(rpc, http);
  return [rule, ...rule.additionalBindings].flatMap((binding) => readRule(rpc as RestRoute["rpc"], binding));
}

function readRule(rpc: RestRoute["rpc"], rule: HttpRule): RestRoute[] {
  const { pattern } = rule;
  if (pattern.case === undefined) return [];
  const [httpMethod, template] =
    pattern.case === "custom"
      ? [pattern.value.kind.toUpperCase(), pattern.value.path]
      : [pattern.case.toUpperCase(), pattern.value];
  const path = readPathTemplate(template);
  return [
    {
      rpc,
      httpMethod,
      path,
      variables: path.variables.map((name) => {
        const fields = findFieldPath(rpc.input, name);
        if (!fields) throw new Error(`${rpc} names the unknown field ${name} in ${template}.`);
        return fields;
      }),
      body: rule.body === "" || rule.body === "*" ? rule.body || undefined : getField(rpc, rpc.input, rule.body),
      responseBody: rule.responseBody === "" ? undefined : getField(rpc, rpc.output, rule.responseBody),
    },
  ];
}

function getField(rpc: DescMethod, message: DescMethod["input"], name: string): DescField {
  const field = message.fields.find((candidate) => candidate.name === name);
  if (!field) throw new Error(`${rpc} names the unknown field ${name} in its HTTP rule.`);
  return field;
}
