import { Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Wordmark } from "../app/wordmark.tsx";
import { Glimpse } from "./glimpse.tsx";
import classes from "./welcome.module.css";

/** The frame of every screen on the way in. */
export function EntranceFrame({ title, hint, children }: { title: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.page}>
      <main className={classes.entrance}>
        <div className={classes.column}>
          <Wordmark />
          <Title order={1} mt={48} mb={6} fz={34}>
            {title}
          </Title>
          <Text component="div" c="dimmed" mb={28}>
            {hint}
          </Text>
          {children}
        </div>
      </main>
      <Glimpse />
    </div>
  );
}
