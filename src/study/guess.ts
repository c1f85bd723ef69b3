/** @file Runs that learnt nothing: no better than a guess, or one answer for every row. */
import { type DoneRun, numberIn } from "./result.ts";

/** Whether every test row was told to be of the same class: then no group is told apart from another, and eo.max is 0. */
export const saysOneClass = ({ classes, confusion }: Pick<DoneRun, "classes" | "confusion">) =>
  classes.filter((_, c) => confusion.some((row) => row[c]! > 0)).length === 1;

/**
 * Whether the interval of its balanced accuracy holds that of a guess, one over the number of classes that have test rows,
 * or lies below it.
 */
export function isGuess(run: Pick<DoneRun, "classes" | "confusion" | "numbers">): boolean {
  const interval = numberIn(run.numbers, "balanced_accuracy")?.interval;
  const there = run.confusion.filter((row) => row.some((n) => n > 0)).length;
  return saysOneClass(run) || (interval != null && interval[0] <= 1 / there);
}
