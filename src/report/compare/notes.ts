/** @file What to know before reading a comparison: what its runner and its methods say of themselves. */
import type { CompareResult } from "../../compare/result.ts";
import { named } from "../words.ts";

/** Notes of the whole, of splits and tasks, of methods that took part, each once. */
export const compareNotes = ({ notes, splits, tasks, methods, cells }: CompareResult): string[] => [
  ...new Set([
    ...notes,
    ...splits.flatMap(({ seed, problems }) =>
      problems.map((text) => `Split of seed ${seed}: ${text}`),
    ),
    ...tasks.flatMap(({ id, notes: of }) => of.map((text) => `${named(id)}: ${text}`)),
    ...methods.flatMap(({ name, caveat }) =>
      caveat === null ? [] : [`${named(name)}: ${caveat}`],
    ),
    ...cells.flatMap((cell) =>
      cell.status === "done" ? cell.notes.map((text) => `${named(cell.method)}: ${text}`) : [],
    ),
  ]),
];
