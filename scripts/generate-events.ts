/** Writes `gen/events`: for every `.avsc` beside its owner's proto, its TypeScript shape and the constant that publishes it. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

type AvroType = string | AvroType[] | { type: string; name?: string; symbols?: string[]; items?: AvroType };
type AvroRecord = {
  name: string;
  namespace: string;
  doc: string;
  key: string;
  fields: { name: string; type: AvroType; doc: string; default?: unknown }[];
};

const root = join(import.meta.dirname, "..");
const out = join(root, "gen/events");
const primitives: Record<string, string> = {
  null: "null",
  string: "string",
  int: "number",
  long: "number",
  float: "number",
  double: "number",
  boolean: "boolean",
  bytes: "Uint8Array",
};

function toTypeScript(type: AvroType): string {
  if (typeof type === "string") return primitives[type] ?? fail(`Avro type ${type} has no TypeScript shape here`);
  if (Array.isArray(type)) return type.map(toTypeScript).join(" | ");
  if (type.type === "enum") return (type.symbols ?? []).map((symbol) => JSON.stringify(symbol)).join(" | ");
  if (type.type === "array") return `(${toTypeScript(type.items ?? "null")})[]`;
  return toTypeScript(type.type);
}

function printEvent(record: AvroRecord): string {
  const constant = record.name[0]?.toLowerCase() + record.name.slice(1);
  const fields = record.fields.map(
    (field) =>
      `  /** ${field.doc} */\n  ${field.name}${field.default === undefined ? "" : "?"}: ${toTypeScript(field.type)};`,
  );
  const service = record.namespace.split(".")[1];
  return `// Written by \`npm run generate\` from ${record.name}'s Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** ${record.doc} */
export type ${record.name} = {
${fields.join("\n")}
};

/** ${record.doc} Keyed by \`${record.key}\`. */
export const ${constant} = defineEvent<${record.name}>({
  fullName: "${record.namespace}.${record.name}",
  topic: "${service}.v1",
  key: "${record.key}",
  schema: ${JSON.stringify(JSON.stringify(record))},
});
`;
}

function check(record: AvroRecord, path: string): void {
  if (!record.doc || record.fields.some((field) => !field.doc)) fail(`${path}: the record and every field need a doc`);
  if (!record.fields.some((field) => field.name === record.key)) fail(`${path}: "key" must name a field`);
  if (!record.fields.some((field) => field.name === "version"))
    fail(`${path}: every event carries its aggregate's version`);
}

function fail(message: string): never {
  throw new Error(message);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const path of globSync("proto/lyceum/*/v1/*.avsc", { cwd: root }).sort()) {
  const record = JSON.parse(readFileSync(join(root, path), "utf8")) as AvroRecord;
  check(record, path);
  const target = join(out, dirname(path).replace("proto/", ""), `${basename(path, ".avsc")}.ts`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, printEvent(record));
}
writeFileSync(
  join(out, "event-type.ts"),
  `// Written by \`npm run generate\`. Do not edit.
/** What is known of a kind of event before any has happened. */
export type EventDescriptor<T> = {
  /** The Avro full name, which is also the registry subject and the envelope's \`ce_type\`. */
  readonly fullName: string;
  /** The topic of the service that owns it, such as \`files.v1\`. */
  readonly topic: string;
  /** The field whose value is the aggregate's id: events with the same one stay in order. */
  readonly key: keyof T & string;
  /** The Avro schema as JSON. */
  readonly schema: string;
};

/** Something that happened, ready to be appended to the log. */
export type Fact<T> = { readonly type: EventType<T>; readonly data: T };

/** A kind of event; called with its data it makes a fact. */
export type EventType<T> = EventDescriptor<T> & ((data: T) => Fact<T>);

/** Makes the constant that stands for a kind of event. */
export function defineEvent<T>(descriptor: EventDescriptor<T>): EventType<T> {
  const type: EventType<T> = Object.assign((data: T): Fact<T> => ({ type, data }), descriptor);
  return type;
}
`,
);
