/** @file How many rows of a group are among the first k of a ranking that ignores the group. */

/** Chances of `from`, `from` + 1, ... rows; all other numbers together have less than 1e-15. */
interface Distribution {
  readonly from: number;
  readonly chances: Float64Array;
}

/** A ranking of `rows` rows, `members` of them of the group. */
export interface Draw {
  readonly rows: number;
  readonly members: number;
  readonly k: number;
}

/** Hypergeometric: each chance follows from its neighbour, outwards from the likeliest, so nothing overflows. */
export function hypergeometric({ rows, members, k }: Draw): Distribution {
  const [least, most] = [Math.max(0, k - (rows - members)), Math.min(k, members)];
  const mode = Math.floor(((k + 1) * (members + 1)) / (rows + 2));
  const above = (x: number): number =>
    ((members - x) * (k - x)) / ((x + 1) * (rows - members - k + x + 1)); // of x + 1 over that of x
  const [down, up]: [number[], number[]] = [[], []];
  for (let x = mode, chance = 1; x > least && chance > 1e-20; x--)
    down.push((chance /= above(x - 1)));
  for (let x = mode, chance = 1; x < most && chance > 1e-20; x++) up.push((chance *= above(x)));
  const chances = Float64Array.from([...down.reverse(), 1, ...up]);
  const sum = chances.reduce((a, b) => a + b);
  return { from: mode - down.length, chances: chances.map((chance) => chance / sum) };
}

/** The fewest rows that with a chance of `p` are not exceeded. */
function quantile({ from, chances }: Distribution, p: number): number {
  let sum = 0;
  const at = chances.findIndex((chance) => (sum += chance) >= p);
  return from + (at < 0 ? chances.length - 1 : at);
}

/** Between which shares of the first k a group lies by chance, at `level`. */
export function band(draw: Draw, level: number): { readonly low: number; readonly high: number } {
  const distribution = hypergeometric(draw);
  return {
    low: quantile(distribution, (1 - level) / 2) / draw.k,
    high: quantile(distribution, (1 + level) / 2) / draw.k,
  };
}

/** The chance of a number of rows that is no likelier than `count`: two-sided, as R's and scipy's Fisher test. */
export function pValue(draw: Draw, count: number): number {
  const { from, chances } = hypergeometric(draw);
  const limit = (chances[count - from] ?? 0) * (1 + 1e-7);
  return Math.min(
    1,
    chances.reduce((sum, chance) => (chance <= limit ? sum + chance : sum), 0),
  );
}
