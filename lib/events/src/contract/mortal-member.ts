import type { OpenMember } from "./member.ts";
import { changeThing, recordEffects, thingChanged } from "./thing.ts";

/** How a process of the suite dies: in a handler that has had its effect, or with its batch in the log and in the outbox. */
export type Death = "before the effect's commit" | "after the log's commit";

const [module, connection, databaseUrl, death] = process.argv.slice(2) as [string, string, string, Death];
const die = () => process.kill(process.pid, "SIGKILL");
const { openMember } = (await import(module)) as { openMember: OpenMember<unknown> };
const publishes = [thingChanged];
if (death === "after the log's commit") {
  const member = await openMember(JSON.parse(connection), {
    service: "test",
    databaseUrl,
    publishes,
    afterPublish: die,
  });
  await changeThing(member, "killed");
} else {
  const member = await openMember(JSON.parse(connection), { service: "reader", databaseUrl, publishes: [] });
  const handler = recordEffects(member);
  await member.log.consume("readers", [
    {
      ...handler,
      handle: async (event, tx) => {
        await handler.handle(event, tx);
        die();
      },
    },
  ]);
}
