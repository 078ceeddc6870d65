import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { commentOf } from "./comments.ts";
import { limitsOf } from "./limits.ts";

export type JsonSchema = Record<string, unknown>;

/** Answers name every field that is always written; requests those that have to be given. */
export type Direction = "request" | "response";

/** Collects the schemas that operations refer to. */
export type Schemas = {
  /** All so far, by the full name of their type. */
  readonly components: Record<string, JsonSchema>;
  refer(message: DescMessage, direction: Direction): JsonSchema;
  /** A message as an object schema of its own, without some of its fields. */
  describe(message: DescMessage, direction: Direction, without?: ReadonlySet<DescField>): JsonSchema;
  field(field: DescField, direction: Direction): JsonSchema;
};

export function createSchemas(): Schemas {
  const components: Record<string, JsonSchema> = {};
  const referTo = (name: string, make: () => JsonSchema): JsonSchema => {
    if (!components[name]) {
      // There before it is described, for messages that hold themselves.
      components[name] = {};
      Object.assign(components[name], make());
    }
    return { $ref: `#/components/schemas/${name}` };
  };

  const schemas: Schemas = {
    components,
    refer: (message, direction) => {
      const known = wellKnownSchemas.get(message.typeName);
      if (known) return { ...known };
      const suffix = direction === "response" || message.name.endsWith("Request") ? "" : "Input";
      return referTo(message.typeName + suffix, () => schemas.describe(message, direction));
    },
    describe: (message, direction, without = new Set()) => {
      const fields = message.fields.filter((field) => !without.has(field));
      const required = fields.filter((field) => isRequired(field, direction)).map(({ jsonName }) => jsonName);
      return {
        type: "object",
        ...described(commentOf(message), ...message.oneofs.filter(hasChoice).map(toChoice)),
        properties: Object.fromEntries(fields.map((field) => [field.jsonName, schemas.field(field, direction)])),
        ...(required.length > 0 ? { required } : {}),
        ...(direction === "request" ? { additionalProperties: false } : {}),
      };
    },
    field: (field, direction) => {
      const { keywords, items } = limitsOf(field);
      const limits = direction === "request" ? { keywords, items } : { keywords: {}, items: {} };
      return { ...toSchema(field, limits.items), ...limits.keywords, ...described(commentOf(field)) };

      function toSchema(desc: DescField, itemLimits: JsonSchema): JsonSchema {
        switch (desc.fieldKind) {
          case "list":
            return { type: "array", items: { ...toValue(desc), ...itemLimits } };
          case "map":
            return { type: "object", additionalProperties: toValue(desc) };
          default:
            return toValue(desc);
        }
      }

      function toValue({ scalar, enum: choice, message }: DescField): JsonSchema {
        if (message) return schemas.refer(message, direction);
        if (choice) return referTo(choice.typeName, () => toEnumSchema(choice));
        return { ...scalarSchemas[scalar as ScalarType] };
      }
    },
  };
  return schemas;
}

function isRequired(field: DescField, direction: Direction): boolean {
  if (field.oneof) return false;
  if (direction === "request") return limitsOf(field).required;
  const isImplicit = field.presence === 2;
  return field.fieldKind === "list" || field.fieldKind === "map" || (field.fieldKind !== "message" && isImplicit);
}

function toEnumSchema(desc: DescEnum): JsonSchema {
  const values = desc.values.map((value) => `- \`${value.name}\`: ${commentOf(value)}`);
  const comment = commentOf(desc);
  return {
    type: "string",
    enum: desc.values.map(({ name }) => name),
    ...(comment ? { description: `${comment}\n\n${values.join("\n")}` } : {}),
  };
}

function described(...sentences: string[]): JsonSchema {
  const description = sentences.filter(Boolean).join(" ");
  return description ? { description } : {};
}

function hasChoice({ fields }: { fields: readonly unknown[] }): boolean {
  return fields.length > 1;
}

function toChoice({ fields }: { fields: readonly DescField[] }): string {
  return `Holds one of ${fields.map(({ jsonName }) => `\`${jsonName}\``).join(", ")}.`;
}

const int32 = { type: "integer", format: "int32" };
const uint32 = { type: "integer", format: "int64", minimum: 0, maximum: 4_294_967_295 };
const int64 = { type: "string", format: "int64" };
const uint64 = { type: "string", format: "uint64" };

const scalarSchemas: Record<ScalarType, JsonSchema> = {
  [ScalarType.STRING]: { type: "string" },
  [ScalarType.BOOL]: { type: "boolean" },
  [ScalarType.BYTES]: { type: "string", contentEncoding: "base64" },
  [ScalarType.DOUBLE]: { type: "number", format: "double" },
  [ScalarType.FLOAT]: { type: "number", format: "float" },
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
};

const wellKnownSchemas = new Map<string, JsonSchema>([
  ["google.protobuf.Timestamp", { type: "string", format: "date-time" }],
  ["google.protobuf.Duration", { type: "string", pattern: "^-?[0-9]+(\\.[0-9]{1,9})?s$" }],
  ["google.protobuf.FieldMask", { type: "string" }],
  ["google.protobuf.Struct", { type: "object" }],
  ["google.protobuf.Any", { type: "object" }],
  ["google.protobuf.Value", {}],
  ["google.protobuf.ListValue", { type: "array" }],
  ["google.protobuf.BoolValue", scalarSchemas[ScalarType.BOOL]],
  ["google.protobuf.StringValue", scalarSchemas[ScalarType.STRING]],
  ["google.protobuf.BytesValue", scalarSchemas[ScalarType.BYTES]],
  ["google.protobuf.Int32Value", int32],
  ["google.protobuf.UInt32Value", uint32],
  ["google.protobuf.Int64Value", int64],
  ["google.protobuf.UInt64Value", uint64],
  ["google.protobuf.FloatValue", scalarSchemas[ScalarType.FLOAT]],
  ["google.protobuf.DoubleValue", scalarSchemas[ScalarType.DOUBLE]],
]);
