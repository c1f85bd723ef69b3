/** @file One split per seed, shared by all tasks and methods. */
import type { Row, Split } from "../data/row.ts";
import { splitRows } from "../data/split.ts";
import type { CompareConfig } from "../run/config/compare.ts";
import { singleAttributes } from "../train/predict.ts";
import type { Part } from "./recipe.ts";
import { takeRows } from "../run/linalg/embeddings.ts";
import type { EmbeddedRows } from "./rows.ts";

/** What a method is fitted and chosen on, and apart from it what it is tested on. */
export interface Parts {
  readonly train: Part;
  readonly validation: Part;
  readonly test: Part;
  /** What a measurement on these splits would suffer from. */
  readonly problems: readonly string[];
}

/** The seeds of a config. */
export const seedsOf = ({ seeds }: Pick<CompareConfig, "seeds">): readonly number[] =>
  typeof seeds === "number" ? [...Array(seeds).keys()] : [...new Set(seeds)];

/** Stratified, whole clusters on one side; equal seeds give equal parts. */
export function partsOf(
  { rows, x, d }: EmbeddedRows,
  { split, tasks }: Pick<CompareConfig, "split" | "tasks">,
  seed: number,
): Parts {
  const { by, ...shares } = split;
  const stratify =
    by ?? singleAttributes(tasks.flatMap(({ target, sensitive }) => [target, ...sensitive]));
  const { rows: placed, problems } = splitRows(rows, shares, stratify, seed);
  const part = (of: Split): Part => {
    // as in training, a row of weight 0 teaches nothing
    const isIn = ({ split: own, weight }: Row): boolean =>
      own === of && (of !== "train" || weight > 0);
    const at = placed.flatMap((row, i) => (isIn(row) ? [i] : []));
    return { rows: at.map((i) => placed[i]!), x: takeRows(x, d, at), d };
  };
  return { train: part("train"), validation: part("validation"), test: part("test"), problems };
}
