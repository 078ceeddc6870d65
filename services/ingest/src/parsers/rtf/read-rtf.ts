import { encodingOfCharset, encodingOfCodePage } from "./encodings.ts";

/** Hears what an RTF source says, in order. */
export type RtfHandler = {
  /** Text that is seen; `place` says where. */
  text(text: string, place: RtfPlace): void;
  /** A control word with its number; without one, `undefined`. */
  control(word: string, number: number | undefined): void;
  /** The name, in small letters, of the style with this number. */
  style(number: number, name: string): void;
};

/** The running text, a note to it, or what stands before a list's item. */
export type RtfPlace = "text" | "note" | "mark";

type Group = {
  place: RtfPlace | "fonts" | "styles" | "unseen";
  encoding: string;
  /** How many characters follow each Unicode one for programs that know none. */
  fallbackLength: number;
  isHidden: boolean;
};

/** Groups that hold other things than text, or text that is not the document's. */
const places = new Map<string, Group["place"]>([
  ["fonttbl", "fonts"],
  ["stylesheet", "styles"],
  ["listtext", "mark"],
  ["pntext", "mark"],
  ["footnote", "note"],
  ["annotation", "note"],
  ...`colortbl info pict object header headerl headerr headerf footer footerl footerr footerf fldinst nonshppict sn sv
  shprslt xe tc tcn template filetbl revtbl rsidtbl private do`
    .split(/\s+/)
    .map((word) => [word, "unseen"] as const),
]);
/** Of the groups that programs may skip if they don't know them, those with text inside. */
const known = new Set(["shpinst", "annotation", "shppict"]);

const characters: Readonly<Record<string, string>> = {
  tab: "\t",
  line: "\n",
  lquote: "‘",
  rquote: "’",
  ldblquote: "“",
  rdblquote: "”",
  emdash: "—",
  endash: "–",
  bullet: "•",
  emspace: " ",
  enspace: " ",
  "~": " ",
  _: "-",
  "\\": "\\",
  "{": "{",
  "}": "}",
};

const tokens =
  /\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)|[\s\S]/gy;

/** Reads RTF (version 1.9.1), its bytes as Latin-1 characters. Groups may be left open or closed too often. */
export function readRtf(source: string, handler: RtfHandler): void {
  const groups: Group[] = [];
  let group: Group = { place: "text", encoding: "windows-1252", fallbackLength: 1, isHidden: false };
  let documentEncoding = group.encoding;
  const fonts = new Map<number, string>();
  /** The number of the font or style that is being defined, and its name so far. */
  let defined = 0;
  let name = "";
  /** Bytes as characters, not yet decoded: one character of the text may be several. */
  let bytes = "";
  let skip = 0;
  let isFirst = false;
  let isOptional = false;

  const flush = () => {
    if (bytes === "") return;
    const text = new TextDecoder(group.encoding).decode(Buffer.from(bytes, "latin1"));
    bytes = "";
    say(text);
  };
  const say = (text: string) => {
    if (group.place === "styles") name += text;
    else if (group.place !== "fonts" && group.place !== "unseen" && !group.isHidden) handler.text(text, group.place);
  };
  const add = (raw: string) => {
    const skipped = Math.min(skip, raw.length);
    skip -= skipped;
    bytes += raw.slice(skipped);
    isFirst = false;
  };
  const open = () => {
    flush();
    groups.push(group);
    group = { ...group };
    isFirst = true;
    isOptional = false;
    skip = 0;
  };
  const close = () => {
    flush();
    if (group.place === "styles" && name) handler.style(defined, name.replace(/;.*/s, "").trim().toLowerCase());
    name = "";
    group = groups.pop() ?? group;
    isFirst = false;
    skip = 0;
  };
  const setEncoding = (encoding: string) => {
    documentEncoding = encoding;
    group.encoding = encoding;
  };
  const states: Record<string, (number: number) => void> = {
    ansicpg: (number) => setEncoding(encodingOfCodePage(number)),
    mac: () => setEncoding("macintosh"),
    v: (number) => {
      group.isHidden = number !== 0;
    },
    plain: () => {
      group.isHidden = false;
    },
    uc: (number) => {
      group.fallbackLength = Math.max(0, number);
    },
    u: (number) => {
      say(String.fromCharCode(number & 0xffff));
      skip = group.fallbackLength;
    },
    f: (number) => {
      if (group.place === "fonts") defined = number;
      else group.encoding = fonts.get(number) ?? documentEncoding;
    },
    fcharset: (number) => {
      const encoding = encodingOfCharset(number);
      if (group.place === "fonts" && encoding) fonts.set(defined, encoding);
    },
  };
  const control = (word: string, number: number | undefined) => {
    flush();
    const place = isFirst ? places.get(word) : undefined;
    if (place && group.place !== "unseen") group.place = place;
    else if (isFirst && isOptional && !known.has(word)) group.place = "unseen";
    isFirst = false;
    if (characters[word] !== undefined) say(characters[word]);
    else if (states[word]) states[word](number ?? 1);
    else if (group.place === "styles") defined = word === "s" ? (number ?? 0) : defined;
    else if (group.place === "text" || group.place === "note") handler.control(word, number);
  };

  tokens.lastIndex = 0;
  for (let match = tokens.exec(source); match; match = tokens.exec(source)) {
    const [, word, number, hex, symbol, brace, text] = match;
    if (word === "bin") tokens.lastIndex += Math.max(0, Number(number ?? 0));
    else if (word) control(word, number === undefined ? undefined : Number(number));
    else if (hex) add(String.fromCharCode(Number.parseInt(hex, 16)));
    else if (symbol === "*") isOptional = isFirst;
    else if (symbol) control(symbol === "\n" || symbol === "\r" ? "par" : symbol, undefined);
    else if (brace) brace === "{" ? open() : close();
    else if (text) add(text);
  }
  flush();
}
