/** A process of `npm run faults -- events`, to be killed: `owner` changes things under its own relay, `reader` has their effects. */
import type { OpenMember } from "../../../lib/events/src/contract/member.ts";
import { changeThing, recordEffects, thingChanged } from "../../../lib/events/src/contract/thing.ts";

const [role, module, connection, databaseUrl, total] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const { openMember } = (await import(module)) as { openMember: OpenMember<unknown> };
const things = 160;

if (role === "reader") {
  const options = { service: "reader", databaseUrl, publishes: [] };
  const member = await openMember(JSON.parse(connection), options);
  await member.log.consume("readers", [recordEffects(member)]);
} else {
  const member = await openMember(JSON.parse(connection), { service: "test", databaseUrl, publishes: [thingChanged] });
  const count = async () => {
    const [row] = await member.database.sql<
      { sum: number }[]
    >`select coalesce(sum(version), 0)::int as sum from things`;
    return row?.sum ?? 0;
  };
  while ((await count()) < Number(total)) {
    await Promise.all(
      Array.from({ length: 40 }, (_, at) => {
        const longMs = at % 8 === 0 ? Math.random() * 40 : 0;
        return changeThing(member, `thing ${Math.floor(Math.random() * things)}`, longMs);
      }),
    );
  }
  process.send?.("done");
}
process.on("disconnect", () => process.exit(0));
