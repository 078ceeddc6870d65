import type { FormEvent } from "react";

/** What was typed into a form, by the names of its fields; a field that is not there is empty. */
export type Typed = Readonly<Record<string, string> & Record<"email" | "password" | "name" | "code", string>>;

/** Submits a form by handing over what was typed, without leaving the page. */
export function readForm(onSubmit: (typed: Typed) => void): (event: FormEvent<HTMLFormElement>) => void {
  return (event) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.currentTarget));
    onSubmit({ email: "", password: "", name: "", code: "", ...(typed as Record<string, string>) });
  };
}
