/** @file Penalties on differences between groups' soft rates: mean class probabilities over rows of a batch. */
import { constant, input, matmul, mul, softmax, sum } from "../../graph/build.ts";
import { type Aggregate, aggregated } from "./aggregate.ts";
import { type Groups, type LossTerm, plainTerm } from "./term.ts";

/** The mean probability of a class over rows of some true classes: a rate, were probabilities 0 or 1. */
export interface SoftRate {
  /** The class whose probability is averaged. */
  readonly outcome: number;
  /** Whether rows of a true class are averaged over. */
  readonly given: (truth: number) => boolean;
}

/** The matrix that takes probabilities to differences of soft rates, which are linear in them. */
interface Contrasts {
  /** [M, B], M = rates * groups: what a row's probability counts in the difference; zeros for an unknown one. */
  readonly matrix: Float32Array;
  /** 1 / (number of known differences), or 0 for an unknown one; equal when none is known. [M] */
  readonly share: Float32Array;
}

/**
 * Soft rate of each group less the soft rate of all rows whose group is known. A difference is unknown when the group
 * has no row of weight that the rate is about.
 * @param codes group of each row, -1 for none [B]. @param truth [B]. @param weights [B].
 */
function contrasts(
  rates: readonly SoftRate[],
  codes: ArrayLike<number>,
  count: number,
  truth: ArrayLike<number>,
  weights: ArrayLike<number>,
): Contrasts {
  const size = codes.length;
  const matrix = new Float32Array(rates.length * count * size);
  const known = new Float32Array(rates.length * count);
  rates.forEach(({ given }, rate) => {
    const counts = Array.from({ length: size }, (_, i) =>
      codes[i]! >= 0 && given(truth[i]!) ? weights[i]! : 0,
    );
    const totals = new Float64Array(count);
    counts.forEach((w, i) => w > 0 && (totals[codes[i]!]! += w));
    const all = totals.reduce((a, b) => a + b, 0);
    for (let group = 0; group < count; group++) {
      if (totals[group] === 0) continue;
      const m = rate * count + group;
      known[m] = 1;
      counts.forEach((w, i) => {
        const own = codes[i] === group ? w / totals[group]! : 0;
        matrix[m * size + i] = own - w / all;
      });
    }
  });
  const found = known.reduce((a, b) => a + b, 0);
  return { matrix, share: known.map((k) => (found > 0 ? k / found : 1 / known.length)) };
}

/**
 * weight * aggregate of the groups' differences to the whole batch, over all rates.
 * @param name of its inputs. @param truth class of every row of the data set [N].
 */
export function softRateTerm(
  name: string,
  rates: readonly SoftRate[],
  { codes, count }: Groups,
  truth: Int32Array,
  { weight, aggregate }: { readonly weight: number; readonly aggregate: Aggregate },
): LossTerm {
  const size = rates.length * count;
  return plainTerm(
    ({ logits }) => {
      const [batch, classes] = logits.shape as [number, number];
      const all = matmul(input(`${name}.contrasts`, [size, batch]), softmax(logits)); // [M, C]
      const outcomes = rates.flatMap(({ outcome }) =>
        Array.from({ length: count * classes }, (_, i) => (i % classes === outcome ? 1 : 0)),
      );
      const gaps = sum(mul(all, constant(outcomes, [size, classes])), [1]); // [M]
      return mul(aggregated(gaps, input(`${name}.share`, [size]), aggregate), weight);
    },
    (rows, weights) => {
      const of = (values: Int32Array): number[] => rows.map((row) => values[row]!);
      const { matrix, share } = contrasts(rates, of(codes), count, of(truth), weights);
      return {
        [`${name}.contrasts`]: { shape: [size, rows.length], data: matrix },
        [`${name}.share`]: { shape: [size], data: share },
      };
    },
  );
}

/** The classes whose rates are told apart: of two, one says all. */
export const outcomesOf = (classes: number): number[] =>
  classes === 2 ? [1] : Array.from({ length: classes }, (_, c) => c);
