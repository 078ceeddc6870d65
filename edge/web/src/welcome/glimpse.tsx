import classes from "./welcome.module.css";

/** What Lyceum does, shown rather than said: an answer, its reference, and the very words in the source. */
export function Glimpse() {
  return (
    <aside className={classes.glimpse} aria-label="About Lyceum">
      <p className={classes.promise}>Ask your own documents. See where every answer comes from.</p>
      <div className={classes.scene} aria-hidden="true">
        <div className={classes.answer}>
          <p className={classes.question}>When are the tides highest?</p>
          <p>
            Spring tides happen when the sun and the moon pull in line, at new and full moon.
            <span className={classes.chip}>1</span>
          </p>
        </div>
        <div className={classes.sheet}>
          <p className={classes.folio}>tides.pdf · page 12</p>
          <p>
            The height of the tide follows the moon’s phases.{" "}
            <mark>Spring tides happen when the sun and the moon pull in line, at new and full moon.</mark> Neap tides
            follow seven days later, when the two pull at right angles.
          </p>
        </div>
      </div>
    </aside>
  );
}
