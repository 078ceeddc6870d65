/**
 * Writes other people's protos to `proto/vendor`, from the npm packages that ship them. `buf/validate` ships only as a
 * descriptor inside `@bufbuild/protovalidate`, so it is printed from there.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DescEnum, type DescExtension, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { file_buf_validate_validate as validate } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

const root = join(import.meta.dirname, "..");
const vendor = join(root, "proto/vendor");

const packaged: Record<string, string> = {
  "google/api/annotations.proto": "google-proto-files/google/api/annotations.proto",
  "google/api/http.proto": "google-proto-files/google/api/http.proto",
  "google/rpc/error_details.proto": "google-proto-files/google/rpc/error_details.proto",
  "grpc/health/v1/health.proto": "grpc-health-check/proto/health/v1/health.proto",
  "grpc/reflection/v1/reflection.proto": "@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto",
  "grpc/reflection/v1alpha/reflection.proto": "@grpc/reflection/build/proto/grpc/reflection/v1alpha/reflection.proto",
};

function typeOf(field: DescField | DescExtension): string {
  switch (field.fieldKind) {
    case "message":
      return `.${field.message.typeName}`;
    case "enum":
      return `.${field.enum.typeName}`;
    case "map":
      return `map<${ScalarType[field.mapKey]?.toLowerCase()}, ${field.mapKind === "scalar" ? ScalarType[field.scalar]?.toLowerCase() : `.${(field.mapKind === "message" ? field.message : field.enum).typeName}`}>`;
    case "list":
      return field.listKind === "scalar"
        ? (ScalarType[field.scalar]?.toLowerCase() ?? "")
        : `.${(field.listKind === "message" ? field.message : field.enum).typeName}`;
    default:
      return ScalarType[field.scalar]?.toLowerCase() ?? "";
  }
}

function printField(field: DescField | DescExtension): string {
  const inOneof = field.kind === "field" && field.oneof !== undefined;
  const label = field.fieldKind === "list" ? "repeated " : field.fieldKind === "map" || inOneof ? "" : "optional ";
  return `${label}${typeOf(field)} ${field.name} = ${field.number};`;
}

function* printEnum(item: DescEnum, indent: string): Iterable<string> {
  yield `${indent}enum ${item.name} {`;
  for (const value of item.values) yield `${indent}  ${value.name} = ${value.number};`;
  yield `${indent}}`;
}

function* printMessage(message: DescMessage, indent: string): Iterable<string> {
  const inner = `${indent}  `;
  yield `${indent}message ${message.name} {`;
  for (const nested of message.nestedMessages) if (!nested.proto.options?.mapEntry) yield* printMessage(nested, inner);
  for (const nested of message.nestedEnums) yield* printEnum(nested, inner);
  for (const member of message.members) {
    if (member.kind === "oneof") {
      yield `${inner}oneof ${member.name} {`;
      for (const field of member.fields) yield `${inner}  ${printField(field)}`;
      yield `${inner}}`;
    } else yield `${inner}${printField(member)}`;
  }
  for (const { start, end } of message.proto.extensionRange) {
    yield `${inner}extensions ${start} to ${end > 536_870_911 ? "max" : end - 1};`;
  }
  yield `${indent}}`;
}

function* printValidate(): Iterable<string> {
  yield 'syntax = "proto2";';
  yield "package buf.validate;";
  for (const dependency of validate.dependencies) yield `import "${dependency.name}.proto";`;
  for (const item of validate.enums) yield* printEnum(item, "");
  for (const message of validate.messages) yield* printMessage(message, "");
  for (const extension of validate.extensions) {
    yield `extend .${extension.extendee.typeName} { ${printField(extension)} }`;
  }
}

rmSync(vendor, { recursive: true, force: true });
for (const [path, source] of Object.entries(packaged)) {
  mkdirSync(dirname(join(vendor, path)), { recursive: true });
  cpSync(packageFile(source), join(vendor, path));
}
mkdirSync(join(vendor, "buf/validate"), { recursive: true });
writeFileSync(join(vendor, "buf/validate/validate.proto"), `${[...printValidate()].join("\n")}\n`);

/** The absolute path of a file in an npm package, such as `@scope/name/a.proto`. */
function packageFile(path: string): string {
  const [name = ""] = /^(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
  return join(dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`))), path.slice(name.length));
}
