import { invalidField } from "@lyceum/service";
import { maxNameLength, toFileName } from "./file-name.ts";

/** The name that a file or folder gets for the one that was sent; `invalid_argument` if nothing of it can be one. */
export function checkName(sent: string): string {
  const name = toFileName(sent);
  if (name === undefined) throw invalidField("name", `must be 1 to ${maxNameLength} characters, not all invisible`);
  return name;
}
