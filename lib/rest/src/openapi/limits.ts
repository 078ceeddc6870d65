import { type DescField, getOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import {
  type FieldRules,
  FieldRulesSchema,
  field as fieldRules,
  Ignore,
} from "@lyceum/gen/proto/buf/validate/validate_pb.ts";

/** The JSON Schema keywords that say what protovalidate checks of a field, and those for the items of a list. */
export type Limits = {
  readonly keywords: Record<string, unknown>;
  readonly items: Record<string, unknown>;
  /** True if the field's zero value is refused, so that it has to be given. */
  readonly required: boolean;
};

/** The limits that a field's `buf.validate.field` option states and JSON Schema can express. */
export function limitsOf(field: DescField): Limits {
  const rules = getOption(field, fieldRules);
  const keywords = toKeywords(rules);
  const items = rules.type.case === "repeated" && rules.type.value.items ? toKeywords(rules.type.value.items) : {};
  const refusesEmpty = Number(keywords.minLength ?? keywords.minItems ?? 0) > 0 || keywords.format !== undefined;
  return { keywords, items, required: rules.required || (refusesEmpty && field.presence === implicitPresence) };
}

/** google.protobuf.FeatureSet.FieldPresence.IMPLICIT */
const implicitPresence = 2;

/** What a rule is called in JSON Schema, where it means the same. */
const keywordOf: Record<string, string> = {
  "string.min_len": "minLength",
  "string.max_len": "maxLength",
  "string.pattern": "pattern",
  "string.in": "enum",
  "string.const": "const",
  "repeated.min_items": "minItems",
  "repeated.max_items": "maxItems",
  "repeated.unique": "uniqueItems",
  "map.min_pairs": "minProperties",
  "map.max_pairs": "maxProperties",
  gte: "minimum",
  gt: "exclusiveMinimum",
  lte: "maximum",
  lt: "exclusiveMaximum",
};

const formatOf: Record<string, string> = {
  email: "email",
  hostname: "hostname",
  ipv4: "ipv4",
  ipv6: "ipv6",
  uri: "uri",
  uuid: "uuid",
};

const numbers = new Set(["float", "double", "int32", "uint32", "sint32", "fixed32", "sfixed32"]);

function toKeywords(rules: FieldRules): Record<string, unknown> {
  const { type } = rules;
  if (type.case === undefined || rules.ignore !== Ignore.UNSPECIFIED) return {};
  const desc = FieldRulesSchema.fields.find(({ localName }) => localName === type.case)?.message;
  if (!desc) return {};
  const keywords: Record<string, unknown> = {};
  const message = type.value as Message;
  for (const field of desc.fields) {
    if (!isFieldSet(message, field)) continue;
    const value = reflect(desc, message).get(field);
    if (type.case === "string" && field.name === "len")
      Object.assign(keywords, { minLength: Number(value), maxLength: Number(value) });
    if (type.case === "string" && value === true && formatOf[field.name]) keywords.format = formatOf[field.name];
    const keyword = keywordOf[numbers.has(type.case) ? field.name : `${type.case}.${field.name}`];
    if (keyword) keywords[keyword] = toPlain(value);
  }
  return keywords;
}

function toPlain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "object" && value !== null && Symbol.iterator in value
    ? [...(value as Iterable<unknown>)]
    : value;
}
