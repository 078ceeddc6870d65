import type { Completion } from "./draft.ts";
import classes from "./rooms.module.css";

type Props = {
  completions: readonly Completion[];
  chosen: number;
  onChoose: (completion: Completion) => void;
};

/** What the text may be completed to; the box keeps the focus. */
export function CompletionList({ completions, chosen, onChoose }: Props) {
  if (completions.length === 0) return null;
  return (
    <div className={classes.completions} role="listbox" id="completions" aria-label="Completions">
      {completions.map((completion, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the box's
        <div
          key={completion.insert}
          id={`completion-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          className={classes.completion}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(completion)}
          data-testid="completion"
        >
          <b>{completion.label}</b>
          <span>{completion.hint}</span>
        </div>
      ))}
    </div>
  );
}
