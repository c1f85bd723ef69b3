/** @file Greedy k-means++ (Arthur and Vassilvitskii 2007; greedy as in scikit-learn): centres to start from. */
import { random } from "../../run/random.ts";
import { type CentredRows, eachProducts, squareTo } from "./centred-rows.ts";

interface Start {
  readonly uniform: () => number;
  /** Rows drawn as centres. */
  readonly chosen: number[];
  /** Squared distance of each row to its nearest centre. [n] */
  squares: Float64Array;
}

/**
 * Centres [k, d] of centred rows for each restart: the first row is drawn evenly, each further one by squared distance to
 * those there are, as the best of 2 + ln k draws. k is at most the number of distinct rows.
 */
export async function plusPlus(
  rows: CentredRows,
  k: number,
  restarts: number,
  seed: number,
): Promise<Float64Array[]> {
  const { n } = rows;
  const trials = 2 + Math.floor(Math.log(k));
  const starts = Array.from({ length: restarts }, (_, restart): Start => {
    const { uniform } = random(seed, "k-means", restart);
    return { uniform, chosen: [], squares: new Float64Array(n).fill(Infinity) };
  });
  for (let centre = 0; centre < k; centre++) {
    const drawn = starts.map(({ uniform, squares }) =>
      centre === 0
        ? [Math.floor(uniform() * n)]
        : Array.from({ length: trials }, () => drawByShare(squares, uniform())),
    );
    const nearest = await squaresWith(rows, starts, drawn);
    starts.forEach((start, s) => {
      const totals = nearest[s]!.map((squares) => squares.reduce((a, b) => a + b, 0));
      const best = totals.indexOf(Math.min(...totals));
      start.chosen.push(drawn[s]![best]!);
      start.squares = nearest[s]![best]!;
    });
  }
  return starts.map(({ chosen }) => rowsOf(rows, chosen));
}

/** A row, by its share of the sum. @param at in [0, 1) */
function drawByShare(shares: Float64Array, at: number): number {
  const total = shares.reduce((a, b) => a + b, 0);
  let row = 0;
  for (let sum = shares[0]!; sum <= at * total && row < shares.length - 1; sum += shares[++row]!);
  return row;
}

function rowsOf({ x, d, mean }: CentredRows, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length * d);
  rows.forEach((row, r) => {
    for (let c = 0; c < d; c++) out[r * d + c] = x[row * d + c]! - mean[c]!;
  });
  return out;
}

/** Of each start and each of its draws: squared distances to the nearest centre if the draw were one. */
async function squaresWith(
  rows: CentredRows,
  starts: readonly Start[],
  drawn: readonly (readonly number[])[],
): Promise<Float64Array[][]> {
  const { n, halves, rounding } = rows;
  const flat = drawn.flat();
  const centres = rowsOf(rows, flat);
  const out = flat.map(() => new Float64Array(n));
  const owners = drawn.flatMap((of, s) => of.map(() => starts[s]!));
  await eachProducts(rows, centres, (products, start, end) => {
    flat.forEach((row, t) => {
      const before = owners[t]!.squares;
      const squares = out[t]!;
      for (let i = start, at = t; i < end; i++, at += flat.length) {
        const both = halves[i]! + halves[row]!;
        let half = both - products[at]!;
        if (half <= rounding * both) half = squareTo(rows, i, centres, t) / 2; // a copy is at 0
        squares[i] = Math.min(before[i]!, 2 * half);
      }
    });
  });
  return drawn.map((of) => of.map(() => out.shift()!));
}
