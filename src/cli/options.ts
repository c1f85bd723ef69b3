/** @file Options that several commands have. */
import { UsageError } from "../run/errors.ts";

/** `--set KEY=VALUE`, as often as wanted; one value each, so that a positional may follow. */
export const setOption = {
  type: "string",
  array: true,
  nargs: 1,
  describe: "override a value of the config, KEY=VALUE; may be repeated",
} as const;

export const jsonOption = {
  type: "boolean",
  describe: "print JSON on stdout, and nothing else",
} as const;

/** The model of commands that need no config. */
export const modelArgument = {
  type: "string",
  demandOption: true,
  describe: "a run (its selected checkpoint), a Hugging Face CLIP folder, or an id of the Hub",
} as const;

/** Throws UsageError for an option that is given twice, unless it may be repeated. */
export function requireOnce(args: object, repeatable: readonly string[] = []): void {
  const twice = Object.entries(args).find(
    ([name, value]) => Array.isArray(value) && name !== "_" && !repeatable.includes(name),
  );
  if (twice) throw new UsageError(`--${twice[0]} is given twice`);
}
