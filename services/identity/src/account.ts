import { storable } from "@lyceum/database";
import { hasControls, invalidField, isVisible } from "@lyceum/service";

/**
 * The form in which addresses compare: equal for addresses that differ only in case or compatibility characters. Only ASCII
 * addresses sign up, and mails go to the address that did: what is typed otherwise never leads elsewhere.
 */
export function toEmailKey(email: string): string {
  return storable(email.toWellFormed().normalize("NFKC").toLowerCase());
}

/** The form in which names are searched: equal for names that differ only in case or compatibility characters. */
export function toNameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

/** The longest display name, as the contract says. */
const maxNameLength = 80;

/**
 * The name given at sign-up without the space around it; where nothing of it is to be seen, the part before the @ of the
 * address, cut to 80 characters.
 */
export function displayNameOf(given: string, email: string): string {
  const name = isVisible(given) ? given.trim() : email.slice(0, email.lastIndexOf("@")).slice(0, maxNameLength);
  if (hasControls(name)) throw invalidField("display_name", "must not contain control characters");
  return name;
}
