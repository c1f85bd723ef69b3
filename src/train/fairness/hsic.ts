/** @file The Hilbert-Schmidt independence criterion between a classifier's answers and groups, as a penalty. */
import {
  add,
  exp,
  input,
  matmul,
  mul,
  softmax,
  sub,
  sum,
  sumKeep,
  transpose,
} from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import { type Groups, type LossTerm, plainTerm } from "./term.ts";

export interface HsicSettings {
  readonly weight: number;
  readonly of: "probabilities" | "logits";
  /** Of the Gaussian kernel: its standard deviation, > 0. */
  readonly bandwidth: number;
  /** `target`: independence within each true class, which is equalized odds; `nothing`: demographic parity. */
  readonly given: "nothing" | "target";
}

/** exp(-|x_i - x_j|^2 / (2 bandwidth^2)) for all pairs of rows. @param x [B, C]. @returns [B, B] */
function gaussianKernel(x: Node, bandwidth: number): Node {
  const squares = sumKeep(mul(x, x), [1]); // [B, 1]
  const apart = sub(add(squares, transpose(squares, [1, 0])), mul(matmul(x, x, { b: true }), 2));
  return exp(mul(apart, -1 / (2 * bandwidth ** 2)));
}

/**
 * Row weights times centred one-hot groups, so that HSIC is the sum over columns u of u^T K u. With parts (true
 * classes), rows are centred within theirs, each part has columns of its own, and counts by its share of the rows.
 * @returns [B, parts * count]
 */
function centredGroups(
  codes: ArrayLike<number>,
  count: number,
  part: ArrayLike<number>,
  parts: number,
  weights: ArrayLike<number>,
): Float32Array {
  const width = parts * count;
  const cells = new Float64Array(width);
  const counts = Array.from({ length: codes.length }, (_, i) => (codes[i]! >= 0 ? weights[i]! : 0));
  counts.forEach((w, i) => w > 0 && (cells[part[i]! * count + codes[i]!]! += w));
  const total = cells.reduce((a, b) => a + b, 0);
  const out = new Float32Array(codes.length * width);
  counts.forEach((w, i) => {
    if (w === 0) return;
    const from = part[i]! * count;
    const own = cells.subarray(from, from + count);
    const inPart = own.reduce((a, b) => a + b, 0);
    // w / inPart in each of the two places of u^T K u, times the part's share inPart / total
    const scale = w / Math.sqrt(inPart * total);
    for (let g = 0; g < count; g++)
      out[i * width + from + g] = scale * ((codes[i] === g ? 1 : 0) - own[g]! / inPart);
  });
  return out;
}

/**
 * weight * HSIC_b(answers, groups) of a batch: the biased estimator tr(K H L H) / n^2 (Gretton et al. 2005, 2007) with
 * row weights in place of 1 / n, a Gaussian kernel on the answers and the linear one on one-hot groups. As a penalty on
 * classifiers: Perez-Suay et al. 2017; the constant bandwidth 1 is that of Han et al., "FFB" (2024). The time is
 * quadratic in the rows of a batch.
 * @param name of its inputs. @param truth class of every row of the data set [N], of `classes`.
 */
export function hsicTerm(
  name: string,
  { codes, count }: Groups,
  truth: Int32Array,
  classes: number,
  { weight, of, bandwidth, given }: HsicSettings,
): LossTerm {
  const parts = given === "target" ? classes : 1;
  return plainTerm(
    ({ logits }) => {
      const answers = of === "logits" ? logits : softmax(logits);
      const u = input(`${name}.groups`, [logits.shape[0]!, parts * count]);
      return mul(sum(mul(u, matmul(gaussianKernel(answers, bandwidth), u))), weight);
    },
    (rows, weights) => {
      const own = rows.map((row) => codes[row]!);
      const part = rows.map((row) => (given === "target" ? truth[row]! : 0));
      const data = centredGroups(own, count, part, parts, weights);
      return { [`${name}.groups`]: { shape: [rows.length, parts * count], data } };
    },
  );
}
