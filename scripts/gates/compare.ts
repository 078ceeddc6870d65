import { cpSync, existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createFileRegistry, type DescMethod, fromBinary, getOption, hasOption } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { checkCompatibility, IncompatibleSchemaError } from "@lyceum/events";
import { http } from "@lyceum/gen/proto/google/api/annotations_pb.ts";
import { root, runTool } from "../run-tool.ts";

/** What of the contract in `base` no longer holds in `head`, one sentence each. Both are folders with `buf.yaml` and `proto`. */
export function compareContracts(base: string, head: string): string[] {
  for (const folder of [base, head]) addVendor(folder);
  return [...compareProtos(base, head), ...compareRest(base, head), ...compareEvents(base, head)];
}

// proto/vendor is written by `npm run protos` and not in git, so both sides are given today's.
function addVendor(folder: string): void {
  const vendor = join(folder, "proto/vendor");
  if (!existsSync(vendor)) cpSync(join(root, "proto/vendor"), vendor, { recursive: true });
}

function compareProtos(base: string, head: string): string[] {
  const { status, stdout, stderr } = runTool("buf", ["breaking", "--against", base], { cwd: head });
  if (status === 0) return [];
  return `${stdout}${stderr}`.trim().split("\n");
}

function compareRest(base: string, head: string): string[] {
  const now = new Map(listRest(head));
  return listRest(base).flatMap(([method, route]) => {
    const then = now.get(method);
    return then === route ? [] : [`${method}: REST was \`${route}\`, now it is \`${then ?? "gone"}\``];
  });
}

function listRest(folder: string): [method: string, route: string][] {
  const image = join(folder, "image.binpb");
  const { status, stderr } = runTool("buf", ["build", "--as-file-descriptor-set", "-o", image], { cwd: folder });
  if (status !== 0) throw new Error(`buf build failed: ${stderr}`);
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(image));
  const services = [...createFileRegistry(set)].filter((type) => type.kind === "service");
  return services
    .flatMap((service) => service.methods)
    .flatMap((method) =>
      hasOption(method, http) ? [[`${method.parent.typeName}/${method.name}`, toRoute(method)]] : [],
    );
}

function toRoute(method: DescMethod): string {
  const { pattern, body } = getOption(method, http);
  const path =
    pattern.case === "custom" ? `${pattern.value.kind} ${pattern.value.path}` : `${pattern.case} ${pattern.value}`;
  return body ? `${path} body: ${body}` : path;
}

function compareEvents(base: string, head: string): string[] {
  return globSync("proto/lyceum/*/v1/*.avsc", { cwd: base }).flatMap((path) => {
    if (!existsSync(join(head, path))) return [`${path}: the event is gone`];
    const [then, now] = [base, head].map((folder) => readFileSync(join(folder, path), "utf8"));
    try {
      checkCompatibility(path, now ?? "", [then ?? ""]);
      return [];
    } catch (error) {
      if (error instanceof IncompatibleSchemaError) return [error.message];
      throw error;
    }
  });
}
