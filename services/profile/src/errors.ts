import { Code, type ConnectError } from "@connectrpc/connect";
import { fail } from "@lyceum/service";

/** Nobody has this id. */
export const profileNotFound = (): ConnectError => fail(Code.NotFound, "PROFILE_NOT_FOUND", "There is no such person.");
