/** @file The bootstrap of cells: rows, or whole clusters, drawn with replacement. */
import { multinomial, type Uniform } from "./binomial.ts";
import type { CellIndex, Cells, Units } from "../counts/cells.ts";

/** Cells with a way to draw how many rows fall into each. */
export interface Draw {
  readonly cells: CellIndex;
  /** Writes the drawn weight of every cell, [M]. */
  readonly draw: (mass: Float64Array, next: Uniform) => void;
}

/** Cells drawn for one kind of resamples, at most: some seconds. */
const WORK = 1e8;
const LEAST = 200;

/**
 * How many resamples are drawn: as many as asked for, or what is affordable for so many cells, which is never fewer than
 * 200. Only weights that differ from row to row, or tens of thousands of groups, make so many.
 */
export const affordableCells = (replicates: number, { rows }: Cells): number =>
  Math.min(replicates, Math.max(LEAST, Math.floor(WORK / rows.length)));

/** The bootstrap: n rows drawn with replacement are one multinomial draw over the cells (Efron 1979). */
export function bootstrap(cells: Cells): Draw {
  if (cells.units) return clusterBootstrap(cells, cells.units);
  const n = cells.rows.reduce((a, b) => a + b, 0);
  const all = [0, cells.rows.length] as const;
  return {
    cells,
    draw: (mass, next) => {
      multinomial(n, cells.rows, all, mass, next);
      for (let m = 0; m < mass.length; m++) mass[m]! *= cells.weight[m]!;
    },
  };
}

/** Whole clusters are drawn: one multinomial draw over their kinds (Davison and Hinkley 1997, 3.8). */
function clusterBootstrap(cells: Cells, { count, start, cell, rows }: Units): Draw {
  const n = count.reduce((a, b) => a + b, 0);
  const all = [0, count.length] as const;
  const drawn = new Float64Array(count.length);
  const worth = rows.map((held, i) => held * cells.weight[cell[i]!]!);
  return {
    cells,
    draw: (mass, next) => {
      multinomial(n, count, all, drawn, next);
      mass.fill(0);
      for (let t = 0; t < drawn.length; t++)
        for (let i = start[t]!; i < start[t + 1]!; i++) mass[cell[i]!]! += drawn[t]! * worth[i]!;
    },
  };
}
