/**
 * `npm run keys`: makes the keys by which services know one another and prints them as variables: LYCEUM_SERVICE_KEYS, the
 * public ones, for every process, and for each service its private one. Keep them as secrets; making new ones replaces all.
 */
import { makeServiceKeys } from "@lyceum/service";

for (const [name, value] of Object.entries(await makeServiceKeys())) console.log(`${name}='${value}'`);
