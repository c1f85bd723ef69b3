/** @file Finds what a rule names, and says what there is where it names something else. */
import type { Path } from "../../run/yaml/problems.ts";
import { nearest } from "../../run/suggest.ts";
import type { Rule } from "./rules.ts";

/** Takes note of a problem; `at` is a path within the rule. */
export type Complain = (at: Path, message: string) => void;

const MOST_LISTED = 60;

/** "a, b, c", and how many more of a very long list. */
export const listed = (names: readonly string[]): string => {
  const rest = names.length - MOST_LISTED;
  const shown = names.slice(0, MOST_LISTED).join(", ");
  return names.length === 0 ? "none" : rest > 0 ? `${shown} and ${rest} more` : shown;
};

/** `there is no group "blak", did you mean black? There are: …` */
export function unknown(what: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `there is no ${what} "${name}"${near === undefined ? "" : `, did you mean ${near}?`}; there are: ${listed(known)}`;
}

/** The entry of that name; a complaint and undefined when there is none. */
export function lookUp<T>(
  entries: Readonly<Record<string, T>>,
  name: string,
  what: string,
  at: Path,
  complain: Complain,
): T | undefined {
  const found = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (found === undefined) complain(at, unknown(what, name, Object.keys(entries)));
  return found;
}

/** The attributes that a rule names, of those measured; null when it names none. */
export function attributesOf<T>(
  measured: Readonly<Record<string, T>>,
  rule: Rule,
  complain: Complain,
  what = "attribute",
): readonly (readonly [name: string, of: T])[] | null {
  const named =
    rule.attribute === undefined
      ? (rule.attributes?.map((name, i) => ({ name, at: ["attributes", i] })) ?? null)
      : [{ name: rule.attribute, at: ["attribute"] }];
  return (
    named?.flatMap(({ name, at }) => {
      const found = lookUp(measured, name, what, at, complain);
      return found ? [[name, found] as const] : [];
    }) ?? null
  );
}
