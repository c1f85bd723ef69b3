/** @file Lines of YAML with names that users chose. */
import { decimal, interval } from "../../format.ts";

/** A name in a value, in a list or in one line of a comment. */
export const yaml = (name: string): string =>
  /^[a-z_][\w.*@-]*$/i.test(name) && !/^(true|false|null|y|yes|n|no|on|off)$/i.test(name)
    ? name
    : JSON.stringify(name);

export const list = (names: readonly string[]): string => `[${names.map(yaml).join(", ")}]`;

export const comment = (lines: readonly string[]): string =>
  lines.map((line) => `  # ${line}\n`).join("");

interface Measured {
  readonly value: number | null;
  readonly interval: readonly [number, number] | null;
}

/** "0.161 [0.113, 0.208]". */
export const measured = ({ value, interval: ends }: Measured): string =>
  value === null ? "undefined" : `${decimal(value)} ${interval(ends)}`.trim();
