import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { type Rule, rule } from "@lyceum/gen/proto/lyceum/access/v1/access_pb.ts";

const rules = new WeakMap<DescMethod, { readonly rule: Rule | undefined }>();

/** Who may call an RPC, by its option `(lyceum.access.v1.rule)`; undefined if it has none, and then nobody may. */
export function accessRuleOf(method: DescMethod): Rule | undefined {
  let known = rules.get(method);
  if (!known) {
    known = { rule: hasOption(method, rule) ? getOption(method, rule) : undefined };
    rules.set(method, known);
  }
  return known.rule;
}
