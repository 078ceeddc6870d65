import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  type Registry,
  ScalarType,
} from "@bufbuild/protobuf";
import { findFieldPath, hasJsonForm, toJsonPath } from "./fields.ts";
import { percentDecode } from "./path-template.ts";
import type { Violation } from "./problem.ts";
import type { RestRoute } from "./routes.ts";
import { findViolations, invalidFields, unknownField, wrongType } from "./violations.ts";

/** What of an HTTP request a message is made from. */
export type RestInput = {
  /** The path variables, still percent-encoded. */
  readonly captures: readonly string[];
  /** The query without `?`. */
  readonly query: string;
  /** The parsed body; undefined if there was none. */
  readonly body: JsonValue | undefined;
};

/** Makes the request message. Throws `invalid_argument` that names every field that is unknown, doubled or of a wrong type. */
export function bindRequest(route: RestRoute, input: RestInput, registry?: Registry): Message {
  const { input: schema } = route.rpc;
  const json = bindBody(route, input.body);
  const violations = [...bindPath(route, json, input.captures), ...bindQuery(route, json, input.query)];
  if (violations.length > 0) throw invalidFields(violations);
  try {
    return fromJson(schema, json, { registry });
  } catch (cause) {
    const found = findViolations(schema, json, registry);
    const error = invalidFields(
      orElse(found, { field: "", rule: "type", message: `The request is no ${schema.name}.` }),
    );
    error.cause = cause;
    throw error;
  }
}

/** What is found, or this if nothing is. */
function* orElse(found: Iterable<Violation>, otherwise: Violation): Generator<Violation> {
  let isEmpty = true;
  for (const violation of found) {
    isEmpty = false;
    yield violation;
  }
  if (isEmpty) yield otherwise;
}

function bindBody({ body: binding, rpc }: RestRoute, body: JsonValue | undefined): JsonObject {
  if (body === undefined) return {};
  if (binding !== "*" && binding !== undefined) return { [binding.jsonName]: body };
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalidFields([{ field: "", rule: "type", message: "The body must be a JSON object." }]);
  }
  if (binding === undefined && Object.keys(body).length > 0) {
    throw invalidFields([{ field: "", rule: "no_body", message: `${rpc.name} takes no body over this path.` }]);
  }
  return { ...body };
}

function bindPath(route: RestRoute, json: JsonObject, captures: readonly string[]): Violation[] {
  return route.variables.flatMap((fields, index) => {
    const text = percentDecode(captures[index] ?? "");
    const path = toJsonPath(fields);
    if (text === undefined)
      return [{ field: path, rule: "percent_encoding", message: "Is not percent-encoded UTF-8." }];
    const value = toJsonValue(fields.at(-1) as DescField, text);
    const refused = setField(json, fields, value);
    return refused || value === undefined ? [refused ?? wrongType(path, fields.at(-1) as DescField)] : [];
  });
}

function bindQuery(route: RestRoute, json: JsonObject, query: string): Violation[] {
  const given = new Map<string, { fields: DescField[]; values: JsonValue[] }>();
  const violations: Violation[] = [];
  for (const pair of query.split("&").filter((text) => text !== "")) {
    const equals = pair.indexOf("=");
    const key = decodeQuery(equals < 0 ? pair : pair.slice(0, equals));
    const text = decodeQuery(equals < 0 ? "" : pair.slice(equals + 1));
    if (key === undefined || text === undefined) {
      violations.push({
        field: key ?? "",
        rule: "percent_encoding",
        message: "The query is not percent-encoded UTF-8.",
      });
      continue;
    }
    const fields = findQueryField(route, key);
    if (!fields) {
      violations.push({ ...unknownField(key), message: "There is no such query parameter." });
      continue;
    }
    const path = toJsonPath(fields);
    const value = toJsonValue(fields.at(-1) as DescField, text);
    if (value === undefined) violations.push(wrongType(path, fields.at(-1) as DescField));
    else given.set(path, { fields, values: [...(given.get(path)?.values ?? []), value] });
  }
  for (const [path, { fields, values }] of given) {
    const isList = fields.at(-1)?.fieldKind === "list";
    if (!isList && values.length > 1)
      violations.push({ field: path, rule: "repeated", message: "Is given more than once." });
    const refused = setField(json, fields, isList ? values : values[0]);
    if (refused) violations.push(refused);
  }
  return violations;
}

/** The field a query key stands for, unless the path or the body already gives it. */
function findQueryField({ rpc, body, variables }: RestRoute, key: string): DescField[] | undefined {
  if (body === "*") return undefined;
  const fields = findFieldPath(rpc.input, key);
  if (!fields || fields[0] === body) return undefined;
  return variables.some((bound) => toJsonPath(bound) === toJsonPath(fields)) ? undefined : fields;
}

/** Writes a value at a path of fields; what the body says there must be the same. Lists come from queries, never from both. */
function setField(json: JsonObject, fields: readonly DescField[], value: JsonValue | undefined): Violation | undefined {
  let owner = json;
  for (const [index, field] of fields.entries()) {
    const key = Object.hasOwn(owner, field.name) ? field.name : field.jsonName;
    const present = Object.hasOwn(owner, key) ? owner[key] : undefined;
    if (index === fields.length - 1) {
      if (present !== undefined && present !== null && present !== value) {
        return { field: toJsonPath(fields), rule: "conflict", message: "Differs from what the path says." };
      }
      if (value !== undefined) owner[key] = value;
      return undefined;
    }
    if (present !== undefined && (typeof present !== "object" || present === null || Array.isArray(present))) {
      return wrongType(toJsonPath(fields.slice(0, index + 1)), field);
    }
    const child: JsonObject = { ...present };
    owner[key] = child;
    owner = child;
  }
  return undefined;
}

/** What a text in a path or query is in JSON; undefined if the field can't be written as a text, or not as this one. */
function toJsonValue(field: DescField, text: string): JsonValue | undefined {
  switch (field.fieldKind) {
    case "scalar":
      return toJsonScalar(field.scalar, text);
    case "enum":
      return toJsonEnum(text);
    case "message":
      return toJsonMessage(field.message, text);
    case "list":
      if (field.listKind === "scalar") return toJsonScalar(field.scalar, text);
      return field.listKind === "enum" ? toJsonEnum(text) : toJsonMessage(field.message, text);
    case "map":
      return undefined;
  }
}

function toJsonScalar(scalar: ScalarType, text: string): JsonValue | undefined {
  if (scalar !== ScalarType.BOOL) return text;
  return text === "true" ? true : text === "false" ? false : undefined;
}

function toJsonEnum(text: string): JsonValue {
  return /^-?\d{1,10}$/.test(text) ? Number(text) : text;
}

function toJsonMessage(message: DescMessage, text: string): JsonValue | undefined {
  if (!hasJsonForm(message)) return undefined;
  const [value] = message.fields;
  const isWrapper = message.typeName.endsWith("Value") && message.fields.length === 1;
  return isWrapper && value?.fieldKind === "scalar" ? toJsonScalar(value.scalar, text) : text;
}

function decodeQuery(text: string): string | undefined {
  return percentDecode(text.replaceAll("+", " "));
}
