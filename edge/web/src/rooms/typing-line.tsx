import { useNames } from "../people/use-person.ts";
import classes from "./rooms.module.css";
import { useRoomsState } from "./use-rooms.ts";

/** Who is writing at this moment. The line keeps its height, so that nothing jumps. */
export function TypingLine({ roomId }: { roomId: string }) {
  const typing = useRoomsState((state) => state.typing.get(roomId));
  const names = useNames([...(typing?.keys() ?? [])]);
  return (
    <div className={classes.typing} data-testid="typing">
      {names.length > 0 && (
        <>
          <span className={classes.dots} aria-hidden>
            <i />
            <i />
            <i />
          </span>
          {sayTyping(names)}
        </>
      )}
    </div>
  );
}

function sayTyping(names: readonly string[]): string {
  if (names.length === 1) return `${names[0]} is writing`;
  return names.length === 2 ? `${names[0]} and ${names[1]} are writing` : "Several people are writing";
}
