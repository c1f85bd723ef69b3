/** @file What a terminal can show, and text made to fit it. */
import { stripVTControlCharacters } from "node:util";

export interface Terminal {
  readonly columns: number;
  readonly color: boolean;
  readonly unicode: boolean;
}

const LEAST_COLUMNS = 20;
const FILE_COLUMNS = 120;

/**
 * What a stream can show: its width and colours when it is a terminal, 120 plain columns when it is a file or pipe.
 * NO_COLOR and FORCE_COLOR are honoured (no-color.org); Unicode is taken from the locale.
 */
export function terminalOf(
  stream: { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Terminal {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  const isTerminal = stream.isTTY === true && env["TERM"] !== "dumb";
  return {
    columns: Math.max(LEAST_COLUMNS, stream.columns || FILE_COLUMNS),
    color: !env["NO_COLOR"] && (isTerminal || Boolean(env["FORCE_COLOR"])),
    unicode: process.platform === "win32" ? Boolean(env["WT_SESSION"]) : /utf-?8/i.test(locale),
  };
}

const ASCII: Readonly<Record<string, string>> = {
  "“": '"',
  "”": '"',
  "’": "'",
  "·": "-",
  "…": "...",
  Δ: "change",
  "≤": "<=",
  "≥": ">=",
};

/** One line that a terminal only prints: labels come from users and may hold escape sequences. */
export function printable(text: string, { unicode }: Terminal): string {
  const line = stripVTControlCharacters(text).replace(/\p{Cc}+/gu, " ");
  return unicode ? line : line.replace(/[“”’·…Δ≤≥]/g, (character) => ASCII[character] ?? "?");
}

/** A space, but not one inside an interval, which stays on one line if it fits. */
const BREAK = / (?![^[\]]*\])/;

/** Lines of at most `width` characters, broken between words, or within one that is longer than a line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(BREAK)) {
    let rest = word;
    if (line !== "" && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== "") lines.push(line);
    for (; rest.length > width; rest = rest.slice(width)) lines.push(rest.slice(0, width));
    line = rest;
  }
  return [...lines, line];
}
