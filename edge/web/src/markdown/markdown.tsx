import { createContext, memo, type ReactNode, use, useMemo } from "react";
import ReactMarkdown, { type Components, type Options } from "react-markdown";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import { markReferences } from "./mark-references.ts";
import classes from "./markdown.module.css";

type Props = {
  text: string;
  /** The numbers that `[n]` in the text may refer to. */
  references?: readonly number[];
  /** What stands in the place of reference n. */
  renderReference?: (number: number) => ReactNode;
  /** True while more of the text comes: the beginning of a reference at its end is held back. */
  growing?: boolean;
};

const References = createContext<((number: number) => ReactNode) | undefined>(undefined);
const none: readonly number[] = [];

/** Markdown from anyone: no HTML, no pictures, no scripts; links open elsewhere and tell nothing of the page they come from. */
export const Markdown = memo(function Markdown({ text, references = none, renderReference, growing = false }: Props) {
  const numbers = references.join(" ");
  const rehypePlugins = useMemo((): Plugins => {
    const known = new Set(numbers.split(" ").filter(Boolean).map(Number));
    return [[rehypeSanitize, schema], markReferences(known)];
  }, [numbers]);
  return (
    <References value={renderReference}>
      <div className={classes.text}>
        <ReactMarkdown remarkPlugins={remarkPlugins} rehypePlugins={rehypePlugins} components={components}>
          {growing ? text.replace(/\s*\[\d*$/, "") : text}
        </ReactMarkdown>
      </div>
    </References>
  );
});

type Plugins = NonNullable<Options["rehypePlugins"]>;

const remarkPlugins: Plugins = [[remarkGfm, { singleTilde: false }], plainSpoken];
const schema = { ...defaultSchema, tagNames: defaultSchema.tagNames?.filter((name) => name !== "img") ?? [] };

/** Leaves out what people write without meaning it: HTML, code by indentation, pictures from elsewhere, link definitions. */
function plainSpoken(this: { data(): object }): void {
  const data = this.data() as { micromarkExtensions?: unknown[] };
  data.micromarkExtensions ??= [];
  data.micromarkExtensions.push({
    disable: {
      null: ["htmlFlow", "htmlText", "codeIndented", "setextUnderline", "definition", "labelStartImage"],
    },
  });
}

const components: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  // Headings of a message are no headings of the page.
  h1: Heading,
  h2: Heading,
  h3: Heading,
  h4: Heading,
  h5: Heading,
  h6: Heading,
  span: ({ children }) => <span className={classes.kept}>{children}</span>,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.wide} tabIndex={0} aria-label="Table">
      <table>{children}</table>
    </section>
  ),
  cite: ({ node }) => use(References)?.(Number(node?.properties.dataNumber)),
};

function Heading({ children }: { children?: ReactNode }) {
  return <p className={classes.heading}>{children}</p>;
}
