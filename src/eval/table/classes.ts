/** @file The classes of a table's labels, and which of them is the positive one. */
import { UsageError } from "../../run/errors.ts";
import { listed } from "./columns.ts";
import type { Spelling } from "./labels.ts";

/** What binary labels are when nothing else is said, the positive one last. */
const USUAL: readonly (readonly [string, string])[] = [
  ["0", "1"],
  ["false", "true"],
];

export interface ClassesAsked {
  /** In the order to report them. */
  readonly classes?: readonly string[] | undefined;
  readonly positive?: string | undefined;
}

export interface Classes {
  readonly classes: readonly string[];
  /** Null when there are more than two. */
  readonly positive: string | null;
}

/**
 * @param truth labels that occur, spelled
 * @param predicted the same of every model
 * @param scored classes that have a column of scores, spelled
 * @throws UsageError when a label is none of the classes asked for, or the positive one is not said
 */
export function classesOf(
  path: string,
  truth: readonly string[],
  predicted: readonly string[],
  scored: readonly string[],
  spelling: Spelling,
  asked: ClassesAsked,
): Classes {
  const spell = (name: string): string => spelling.of(name) ?? name;
  const found = [...new Set([...truth, ...predicted, ...scored])];
  const positive = asked.positive === undefined ? undefined : spell(asked.positive);
  const classes = asked.classes
    ? namedClasses(path, found, asked.classes.map(spell))
    : foundClasses(path, found, positive, spelling);
  const usual = USUAL.find((pair) => pair.join() === classes.toSorted().join());
  const chosen = positive ?? (classes.length === 2 ? usual?.[1] : undefined);
  const names = listed(classes);
  if (classes.length > 2) {
    if (chosen !== undefined)
      throw new UsageError(
        `${path}: ${classes.length} classes (${names}) are each measured against the rest; leave out --positive ${chosen}`,
      );
    if (!asked.classes && predicted.length > 0 && !predicted.some((label) => truth.includes(label)))
      throw new UsageError(
        `${path}: no predicted label (${listed(predicted)}) is a true one (${listed(truth)}); write both alike, or name all of them with --classes`,
      );
    return { classes, positive: null };
  }
  if (chosen === undefined)
    throw new UsageError(
      `${path}: which class is the positive one? Name it with --positive; the labels are ${names}`,
    );
  if (!classes.includes(chosen))
    throw new UsageError(`${path}: --positive ${chosen} is no label; the labels are ${names}`);
  return { classes, positive: chosen };
}

function namedClasses(path: string, found: readonly string[], classes: string[]): string[] {
  const twice = classes.find((name, i) => classes.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`--classes names ${twice} twice`);
  const unknown = found.filter((label) => !classes.includes(label));
  if (unknown.length === 0) return classes;
  throw new UsageError(
    `${path}: label ${listed(unknown)} is none of --classes ${classes.join(",")}`,
  );
}

/** One label alone is completed by the positive one, or by the other of 0 and 1, or of false and true. */
function foundClasses(
  path: string,
  found: readonly string[],
  positive: string | undefined,
  spelling: Spelling,
): string[] {
  const named = positive === undefined ? found : [...new Set([...found, positive])];
  if (found.length >= 2 && named.length > found.length)
    throw new UsageError(
      `${path}: --positive ${positive} is no label; the labels are ${listed(spelling.sort(found))}`,
    );
  const usual = USUAL.find((pair) => named.every((label) => pair.includes(label)));
  return usual ? [...usual] : spelling.sort(named);
}
