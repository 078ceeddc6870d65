import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./account.module.css";

/** A part of the account page, under its own heading. */
export function Section({ title, hint, children }: { title: string; hint: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>{title}</h2>
      <Text size="sm" c="dimmed" mb="md">
        {hint}
      </Text>
      {children}
    </section>
  );
}
