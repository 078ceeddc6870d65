import type { DescMethod } from "@bufbuild/protobuf";
import { Code, type Interceptor } from "@connectrpc/connect";
import { accessRuleOf } from "../access-rule.ts";
import { callerKey, signInRequired } from "../caller.ts";
import type { Caller } from "../define-service.ts";
import { fail } from "../errors.ts";

/** Admits only those whom the RPC's option `(lyceum.access.v1.rule)` names. An RPC without one admits nobody. */
export function checkAccess(): Interceptor {
  return (next) => (req) => {
    requireAccess(req.method, req.contextValues.get(callerKey));
    return next(req);
  };
}

/** Throws unless an RPC's rule admits the caller. */
export function requireAccess(method: DescMethod, caller: Caller): void {
  const rule = accessRuleOf(method);
  if (!rule) throw fail(Code.PermissionDenied, "NO_ACCESS_RULE", "Nobody may call this.");
  if (rule.public) return;
  if (caller.kind === "anonymous") throw signInRequired();
  if (caller.kind === "service" && rule.services.includes(caller.service)) return;
  if (caller.kind === "person" && (rule.user || rule.roles.some((role) => caller.roles.includes(role)))) return;
  throw fail(Code.PermissionDenied, "NOT_ALLOWED", "You may not call this.");
}
