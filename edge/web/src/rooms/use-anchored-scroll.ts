import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Closer to the end than this counts as at the end. */
const endPx = 48;

type AnchoredScroll = {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** True while the end is in view: then it stays in view as more comes. */
  isAtEnd: boolean;
  toEnd: () => void;
  /** To be called at every scroll. */
  look: () => void;
};

/**
 * Keeps what one reads in its place while lines come above and below it, and the end in view for whoever is there. Lines
 * are the elements with `data-line`. Browsers do this only in part: not at the very top, and some not at all.
 */
export function useAnchoredScroll(version: unknown): AnchoredScroll {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ line: string; top: number }>(undefined);
  const sticks = useRef(true);
  const isPlaced = useRef(false);
  const [isAtEnd, setAtEnd] = useState(true);

  const look = useCallback(() => {
    const frame = scroller.current;
    if (!frame) return;
    sticks.current = frame.scrollHeight - frame.clientHeight - frame.scrollTop < endPx;
    anchor.current = findAnchor(frame);
    setAtEnd(sticks.current);
  }, []);

  const settle = useCallback(() => {
    const frame = scroller.current;
    if (!frame) return;
    if (sticks.current) frame.scrollTop = frame.scrollHeight;
    else {
      const line = anchor.current && frame.querySelector(`[data-line="${anchor.current.line}"]`);
      if (line && anchor.current) frame.scrollTop += topOf(line, frame) - anchor.current.top;
    }
    if (isPlaced.current || !frame.querySelector("[data-line]")) return;
    isPlaced.current = true;
    // What is new begins at the top where it is more than fits.
    const fresh = frame.querySelector("[data-fresh]");
    if (!fresh || topOf(fresh, frame) >= 0) return;
    frame.scrollTop += topOf(fresh, frame);
    look();
  }, [look]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever changed, the view is settled before it is painted
  useLayoutEffect(settle, [version, settle]);

  useEffect(() => {
    const watched = new ResizeObserver(settle);
    if (scroller.current) watched.observe(scroller.current);
    if (content.current) watched.observe(content.current);
    return () => watched.disconnect();
  }, [settle]);

  const toEnd = useCallback(() => {
    sticks.current = true;
    settle();
  }, [settle]);
  return { scroller, content, isAtEnd, toEnd, look };
}

/** The first line that is wholly or partly in view, and where it stands. */
function findAnchor(frame: HTMLElement): { line: string; top: number } | undefined {
  for (const line of frame.querySelectorAll<HTMLElement>("[data-line]")) {
    const top = topOf(line, frame);
    if (top + line.offsetHeight > 0) return { line: line.dataset.line ?? "", top };
  }
  return undefined;
}

function topOf(line: Element, frame: Element): number {
  return line.getBoundingClientRect().top - frame.getBoundingClientRect().top;
}
