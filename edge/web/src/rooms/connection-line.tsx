import { useEffect, useState } from "react";
import classes from "./rooms.module.css";
import { useRoomsState } from "./use-rooms.ts";

/** Shorter breaks are not worth a word. */
const graceMs = 1_500;

/** Says that nothing new can be heard, and that what one writes is not lost. */
export function ConnectionLine() {
  const connection = useRoomsState((state) => state.connection);
  const isLive = connection === "live";
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (isLive) return;
    const timer = setTimeout(() => setLong(true), graceMs);
    return () => clearTimeout(timer);
  }, [isLive]);
  return (
    <div className={classes.connection} role="status" data-testid="connection" data-state={connection}>
      {isLong && !isLive && "No connection. Trying again; what you write is sent as soon as it is back."}
    </div>
  );
}
