/** @file What to know before reading a comparison: what its runner and its methods say of themselves. */
import type { CompareResult } from "../../compare/result.ts";
import { named } from "../words.ts";
import { listed } from "./phrases.ts";

/** Each text once, after the names of all that it is said of. */
function grouped(said: readonly (readonly [name: string, text: string])[]): string[] {
  const texts = [...new Set(said.map(([, text]) => text))];
  return texts.map((text) => {
    const names = said.flatMap(([name, of]) => (of === text ? [named(name)] : []));
    return `${listed([...new Set(names)])}: ${text}`;
  });
}

/** Notes of the whole, of its splits, tasks and cells. */
export const compareNotes = ({ notes, splits, tasks, cells }: CompareResult): string[] => [
  ...new Set(notes),
  ...grouped(
    splits.flatMap(({ seed, problems }) => problems.map((text) => [`seed ${seed}`, text] as const)),
  ),
  ...grouped(tasks.flatMap(({ id, notes: of }) => of.map((text) => [id, text] as const))),
  ...grouped(
    cells.flatMap((cell) =>
      cell.status === "done" ? cell.notes.map((text) => [cell.method, text] as const) : [],
    ),
  ),
];

/** What a reader must know of each method before trusting it. */
export const methodCaveats = ({ methods }: CompareResult): string[] =>
  grouped(
    methods.flatMap(({ name, caveat }) => (caveat === null ? [] : [[name, caveat] as const])),
  );
