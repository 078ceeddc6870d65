import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** The field with this name in proto (`file_id`) or JSON (`fileId`). */
export function findField(message: DescMessage, name: string): DescField | undefined {
  return message.fields.find((field) => field.jsonName === name || field.name === name);
}

/** The fields along a dotted path such as `filter.ownerId`, outermost first; undefined if one is unknown or repeated. */
export function findFieldPath(message: DescMessage, path: string): DescField[] | undefined {
  const fields: DescField[] = [];
  let owner: DescMessage | undefined = message;
  for (const name of path.split(".")) {
    const field: DescField | undefined = owner && findField(owner, name);
    if (!field) return undefined;
    fields.push(field);
    owner = field.fieldKind === "message" && !hasJsonForm(field.message) ? field.message : undefined;
  }
  return fields;
}

/** A field's path in JSON names. */
export function toJsonPath(fields: readonly DescField[]): string {
  return fields.map(({ jsonName }) => jsonName).join(".");
}

/** True for well-known types whose JSON is not an object of their fields. */
export function hasJsonForm(message: DescMessage): boolean {
  return jsonFormOf(message) !== undefined;
}

/** What a well-known type looks like in JSON, for people. */
export function jsonFormOf(message: DescMessage): string | undefined {
  return wellKnownForms.get(message.typeName);
}

const wellKnownForms = new Map(
  Object.entries({
    "google.protobuf.Any": "an object with @type",
    "google.protobuf.Timestamp": "a time such as 2026-01-31T12:00:00Z",
    "google.protobuf.Duration": "a duration such as 1.5s",
    "google.protobuf.FieldMask": "a list of fields such as name,folderId",
    "google.protobuf.Struct": "an object",
    "google.protobuf.Value": "any JSON value",
    "google.protobuf.ListValue": "a list",
    "google.protobuf.BoolValue": "true or false",
    "google.protobuf.StringValue": "a string",
    "google.protobuf.BytesValue": "base64",
    "google.protobuf.Int32Value": "a whole number",
    "google.protobuf.UInt32Value": "a whole number",
    "google.protobuf.Int64Value": "a whole number",
    "google.protobuf.UInt64Value": "a whole number",
    "google.protobuf.FloatValue": "a number",
    "google.protobuf.DoubleValue": "a number",
  }),
);
