import { z } from "zod";
import type { ServiceDefinition, ServiceName } from "./define-service.ts";
import { serviceNames } from "./service-name.ts";
import { sharedVariables } from "./settings.ts";

/** The names of all variables that mean something to one service's process. */
// biome-ignore lint/suspicious/noExplicitAny: of any config
export function knownVariables(definition: ServiceDefinition<any>): Set<string> {
  const others = serviceNames.filter((name) => name !== definition.name);
  const foreign = (variable: string) =>
    others.some((name) => new RegExp(`^${name.toUpperCase()}_DATABASE_(DIRECT_)?URL$`).test(variable));
  return new Set([
    ...sharedVariables().filter((variable) => !foreign(variable)),
    ...shapeOf(definition.config),
    ...keyVariables(definition.name),
  ]);
}

const keyVariables = (name: ServiceName) => ["LYCEUM_SERVICE_KEYS", `${name.toUpperCase()}_KEY`];

/** The fields of an object's schema, below whatever is checked and made of it. */
function shapeOf(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodPipe) return shapeOf(schema.in as z.ZodType);
  return [];
}
