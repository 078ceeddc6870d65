import { MemberRole, type Message } from "@lyceum/client";
import { useMe } from "../app/app-context.tsx";
import { usePerson } from "../people/use-person.ts";
import classes from "./rooms.module.css";

/** Says who came, left, or got another role. */
export function NoticeRow({ message }: { message: Message }) {
  const me = useMe();
  const { userId = "", removed = false, role } = message.membership ?? {};
  const actor = usePerson(message.senderId);
  const person = usePerson(userId);
  const name = userId === me ? "you" : (person?.name ?? "…");
  const by = message.senderId === me ? "You" : (actor?.name ?? "…");
  return (
    <li className={classes.notice} data-line={message.id}>
      {sayChange(by, name, message.senderId === userId, removed, role === MemberRole.OWNER)}
    </li>
  );
}

function sayChange(by: string, name: string, isSelf: boolean, removed: boolean, isOwner: boolean): string {
  if (isSelf) return removed ? `${by} left` : `${by} made the room`;
  if (removed) return `${by} removed ${name}`;
  return isOwner ? `${by} made ${name} an owner` : `${by} added ${name}`;
}
