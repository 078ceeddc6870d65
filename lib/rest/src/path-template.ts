/** A compiled path template of google.api.http, such as `/v1/documents/{file_id}:retry`. */
export type PathTemplate = {
  readonly template: string;
  /** The variables' field paths, such as `file_id`, in order. */
  readonly variables: readonly string[];
  /** OpenAPI's spelling: every variable as `{file_id}`. */
  readonly openApiPath: string;
  /** The still percent-encoded text of each variable, or undefined where the path doesn't fit. */
  match(path: string): readonly string[] | undefined;
  /** Higher is more specific: `/v1/profiles/me` comes before `/v1/profiles/{user_id}`. */
  readonly specificity: string;
};

/**
 * Compiles a template of google/api/http.proto: literals, `*`, `**`, `{field}`, `{field=segments}` and a `:verb`. A last
 * variable without a verb takes no `:`, so that `/v1/files/1:restore` is not file `1:restore`. Throws on a broken one.
 */
export function readPathTemplate(template: string): PathTemplate {
  const { path, verb } = splitVerb(template);
  if (!path.startsWith("/")) throw new Error(`The path template ${template} must start with "/".`);
  const variables: string[] = [];
  let openApiPath = "";
  let pattern = "";
  let specificity = "";
  const segments = splitSegments(path.slice(1));
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const variable = /^\{([A-Za-z_][\w.]*)(?:=([^{}]+))?\}$/.exec(segment);
    if (!variable && /[{}]/.test(segment)) throw new Error(`The path template ${template} has a broken "${segment}".`);
    const inner = variable ? (variable[2] ?? "*") : segment;
    const body = inner
      .split("/")
      .map((part) => toPattern(part, isLast))
      .join("/");
    if (variable?.[1]) variables.push(variable[1]);
    pattern += `/${variable ? `(${body})` : body}`;
    openApiPath += `/${variable ? `{${variable[1]}}` : segment}`;
    specificity += inner === "**" ? "0" : inner.includes("*") ? "1" : "2";
  }
  const suffix = verb === undefined ? "" : `:${verb}`;
  const regex = new RegExp(`^${pattern}${escapeRegex(suffix)}$`);
  return {
    template,
    variables,
    openApiPath: openApiPath + suffix,
    specificity: specificity + (verb === undefined ? "" : "2"),
    match: (text) => regex.exec(text)?.slice(1),
  };
}

/** Says of a request's path whether it fits a template. */
export function createPathMatcher(template: string): (path: string) => boolean {
  const { match } = readPathTemplate(template);
  return (path) => match(path) !== undefined;
}

/** Decodes a percent-encoded text; undefined for a broken escape or bytes that are not UTF-8. */
export function percentDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function splitVerb(template: string): { path: string; verb: string | undefined } {
  const colon = template.lastIndexOf(":");
  return colon > Math.max(template.lastIndexOf("/"), template.lastIndexOf("}") - 1)
    ? { path: template.slice(0, colon), verb: template.slice(colon + 1) }
    : { path: template, verb: undefined };
}

/** Splits at slashes outside braces. */
function splitSegments(path: string): string[] {
  return path.match(/(?:\{[^}]*\}|[^/{])+|\{[^/]*/g) ?? [];
}

function toPattern(segment: string, isLast: boolean): string {
  if (segment === "**") return isLast ? "[^:]*" : ".*";
  if (segment === "*") return isLast ? "[^/:]+" : "[^/]+";
  return escapeRegex(segment);
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
