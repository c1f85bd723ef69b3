/** @file Drawn faces in splits, as a table that a config names. */
import { writeCsv } from "../../src/data/csv.ts";
import { type Row, SPLITS, type Split } from "../../src/data/row.ts";

/** What is told of the faces: its classes, and the prompt that stands for each. */
export const PROMPTS = { angular: "sharp face", rounded: "round face" } as const;
export const CLASSES = Object.keys(PROMPTS);

/** The first of `faces` in splits of these sizes, classes in turn. */
export function inSplits(faces: readonly Row[], sizes: Readonly<Record<Split, number>>): Row[] {
  const [some, others] = CLASSES.map((style) =>
    faces.filter(({ labels }) => labels["style"] === style),
  ) as [Row[], Row[]];
  const turns = some.flatMap((row, i) => (others[i] ? [row, others[i]] : []));
  const mixed = [...turns, ...some.slice(others.length), ...others.slice(some.length)];
  let next = 0;
  return SPLITS.flatMap((split) =>
    mixed.slice(next, (next += sizes[split])).map((row) => ({ ...row, split })),
  );
}

/** Writes the table. @returns the data section of a config */
export async function dataSection(path: string, rows: readonly Row[]): Promise<object> {
  await writeCsv(path, rows);
  return {
    source: "csv",
    path,
    target: "style",
    classes: CLASSES,
    positive: CLASSES[1],
    sensitive: ["tone"],
    splitColumn: "split",
    duplicates: "ignore",
  };
}
