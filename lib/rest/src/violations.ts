import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Registry,
  ScalarType,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { findField, hasJsonForm, jsonFormOf } from "./fields.ts";
import type { Violation } from "./problem.ts";

/** A small request must not be answered with a huge list of all that is wrong with it. */
const maxViolations = 50;

/** An `invalid_argument` that names what is wrong with each field, up to 50 of them. */
export function invalidFields(violations: Iterable<Violation>): ConnectError {
  const named = Iterator.from(violations).take(maxViolations).toArray();
  const [first] = named;
  const text = first ? (first.field ? `${first.field}: ${first.message}` : first.message) : "The request is invalid.";
  return new ConnectError(text, Code.InvalidArgument, undefined, [
    {
      desc: BadRequestSchema,
      value: {
        fieldViolations: named.map(({ field, rule, message }) => ({ field, reason: rule, description: message })),
      },
    },
  ]);
}

/** A violation by a field that the message does not have. */
export function unknownField(field: string): Violation {
  return { field, rule: "unknown_field", message: "There is no such field." };
}

/** A violation by a value that is not of its field's type. */
export function wrongType(path: string, field: DescField): Violation {
  return { field: path, rule: "type", message: `Must be ${expectedJson(field)}.` };
}

/** Says which fields keep this JSON from being the message: unknown ones, wrong types, two of one oneof. */
export function* findViolations(
  message: DescMessage,
  json: JsonValue,
  registry?: Registry,
  path = "",
  depth = 0,
): Generator<Violation> {
  if (depth > 100) {
    yield { field: path, rule: "type", message: "Is nested too deeply." };
    return;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    yield { field: path, rule: "type", message: "Must be an object." };
    return;
  }
  const seen = new Set<unknown>();
  for (const [key, value] of Object.entries(json)) {
    const field = findField(message, key);
    const at = path === "" ? (field?.jsonName ?? key) : `${path}.${field?.jsonName ?? key}`;
    const choice = field?.oneof ?? field;
    if (!field) yield unknownField(at);
    else if (seen.has(choice)) yield givenTwice(at, field);
    else if (value !== null) {
      seen.add(choice);
      yield* findValueViolations(message, field, { key, at, value, depth }, registry);
    }
  }
}

function givenTwice(field: string, { oneof }: DescField): Violation {
  const message = oneof ? `Only one of ${oneof.name} may be given.` : "Is given twice.";
  return { field, rule: "oneof", message };
}

function* findValueViolations(
  message: DescMessage,
  field: DescField,
  { key, at, value, depth }: { key: string; at: string; value: JsonValue; depth: number },
  registry: Registry | undefined,
): Generator<Violation> {
  const fits = (candidate: JsonValue) => isDecodable(message, { [key]: candidate }, registry);
  if (field.fieldKind === "list" && Array.isArray(value)) {
    const child = field.listKind === "message" && !hasJsonForm(field.message) ? field.message : undefined;
    for (const [index, item] of value.entries()) {
      const place = `${at}[${index}]`;
      if (child) yield* findViolations(child, item, registry, place, depth + 1);
      else if (!fits([item])) yield wrongType(place, field);
    }
  } else if (field.fieldKind === "message" && !hasJsonForm(field.message)) {
    yield* findViolations(field.message, value, registry, at, depth + 1);
  } else if (!fits(value)) {
    yield wrongType(at, field);
  }
}

function isDecodable(message: DescMessage, json: JsonValue, registry: Registry | undefined): boolean {
  try {
    fromJson(message, json, { registry });
    return true;
  } catch {
    return false;
  }
}

function expectedJson(field: DescField): string {
  switch (field.fieldKind) {
    case "list":
      return field.listKind === "scalar"
        ? `a list, each ${expectedScalar(field.scalar)}`
        : field.listKind === "enum"
          ? `a list, each ${expectedEnum(field.enum.values)}`
          : "a list of objects";
    case "map":
      return "an object";
    case "message":
      return jsonFormOf(field.message) ?? "an object";
    case "enum":
      return expectedEnum(field.enum.values);
    case "scalar":
      return expectedScalar(field.scalar);
  }
}

function expectedEnum(values: readonly { name: string }[]): string {
  return `one of ${values.map(({ name }) => name).join(", ")}`;
}

function expectedScalar(scalar: ScalarType): string {
  switch (scalar) {
    case ScalarType.STRING:
      return "a string";
    case ScalarType.BOOL:
      return "true or false";
    case ScalarType.BYTES:
      return "base64";
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return "a number";
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return "a whole number of 32 bits, not negative";
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return "a whole number of 64 bits, not negative";
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return "a whole number of 64 bits";
    default:
      return "a whole number of 32 bits";
  }
}
