/** @file Fewer numbers a row before a map is made: principal components. */
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { fitPca } from "./pca.ts";

/** Components for embeddings of up to so many numbers; larger ones, and those below `LEAST`, stay as they are. */
const TIERS = [
  { upTo: 64, components: 40 },
  { upTo: 128, components: 64 },
  { upTo: 256, components: 100 },
  { upTo: 512, components: 150 },
] as const;
const LEAST = 32;

export interface Reduced {
  /** [N, components], or the rows as they came. */
  readonly rows: Embeddings;
  /** Numbers a row; null when rows stay as they are. */
  readonly components: number | null;
  /** Share of the variance that is kept; 1 when rows stay as they are. */
  readonly kept: number | null;
  readonly notes: readonly string[];
  /** Further rows [M, D] in the same components. */
  readonly place: (rows: Embeddings) => Promise<Embeddings>;
}

/** How many components `reduce` asks for: at most the rows and the numbers of a row; null for none. */
export function componentsFor(
  { n, d }: Pick<Embeddings, "n" | "d">,
  reduce: number | "tiers" | undefined,
): number | null {
  const asked =
    reduce === "tiers"
      ? d < LEAST
        ? undefined
        : TIERS.find(({ upTo }) => d <= upTo)?.components
      : reduce;
  return asked === undefined || n < 2 ? null : Math.min(asked, n, d);
}

/** Rows by their principal components, as many as asked for or as the tiers say. */
export async function reduceRows(
  rows: Embeddings,
  reduce: number | "tiers" | undefined,
  progress: Progress = silent,
): Promise<Reduced> {
  const components = componentsFor(rows, reduce);
  if (components === null)
    return { rows, components, kept: 1, notes: [], place: async (further) => further };
  const { coordinates, explained, notes, place } = await fitPca(rows, components, { progress });
  return {
    rows: { x: coordinates, n: rows.n, d: components },
    components,
    kept: explained && explained.reduce((sum, share) => sum + share, 0),
    notes:
      typeof reduce === "number" && components < reduce
        ? [
            `${reduce} components were cut to ${components}: ${rows.n} rows of ${rows.d} numbers`,
            ...notes,
          ]
        : notes,
    place: async (further) => ({ x: await place(further), n: further.n, d: components }),
  };
}
