/**
 * @file Folds an affine map of embeddings into a CLIP's projection, so that the checkpoint itself gives mapped embeddings.
 *
 * An embedding is W y with W [P, D] and y [D] what the last layer norm gives: y_i = g_i z_i + b_i. Then
 *
 * - x' = M x folds as W' = M W. CLIP compares unit embeddings, and M x / |M x| is the same for x and for x / |x|, so a
 *   linear map that was fitted on unit embeddings folds exactly as well.
 * - x' = M x + m needs a constant, and the projection has no bias. But z has mean zero, so that
 *   sum_i y_i / g_i = sum_i b_i / g_i = c for every image or text. Hence W' = M W + m u^T with u_i = 1 / (g_i c) gives
 *   W' y = M W y + m: exact, for a map that was fitted on raw embeddings. (On x / |x| the constant would have to grow
 *   with |x|, which no matrix can make it do.) u is the only vector for which u . y is 1 for all such y.
 */
import { UsageError } from "../../run/errors.ts";
import type { Weight, Weights } from "../weights.ts";
import type { Tower } from "./config.ts";

/** x' = matrix x + bias, on column vectors. */
export interface AffineMap {
  /** Row-major. [P, P] */
  readonly matrix: Float64Array;
  /** [P] */
  readonly bias: Float64Array;
}

/** The parameters between the pooled row and the embedding. */
const ENDS = {
  image: { norm: "vision_model.post_layernorm", projection: "visual_projection.weight" },
  text: { norm: "text_model.final_layer_norm", projection: "text_projection.weight" },
} as const satisfies Record<Tower, object>;

/** Largest relative error of the constant that a fold may bring; tests of agreement use the same. */
const TOLERANCE = 1e-4;
/** Of one rounding to 32 bits. */
const ROUNDING = 2 ** -24;

/**
 * u with u . y = 1 for everything that the layer norm gives. [D]
 * Its terms u_i y_i sum to at most (D + sum |b_i / g_i|) / |c| in size, each rounded to 32 bits when the model runs.
 */
function constantReader(where: string, gain: Float32Array, shift: Float32Array): Float64Array {
  const advice = "fold the linear part alone, or erase outside the model";
  const dead = gain.indexOf(0);
  if (dead >= 0)
    throw new UsageError(
      `${where}: an eraser with a constant needs every gain of the layer norm, and number ${dead} is 0; ${advice}`,
    );
  const ratios = Array.from(gain, (g, i) => shift[i]! / g);
  const c = ratios.reduce((sum, ratio) => sum + ratio, 0);
  const size = ratios.reduce((sum, ratio) => sum + Math.abs(ratio), gain.length);
  if (!((ROUNDING * size) / Math.abs(c) <= TOLERANCE))
    throw new UsageError(
      `${where}: an eraser with a constant is folded by dividing by the sum of the layer norm's shift / gain, which is ${c.toPrecision(3)}: 32-bit floats would lose more than a relative ${TOLERANCE} of it; ${advice}`,
    );
  return Float64Array.from(gain, (g) => 1 / (g * c));
}

/** M W, and m u^T where there is an u. */
function product(
  { matrix, bias }: AffineMap,
  { shape, data }: Weight,
  u: Float64Array | null,
): Weight {
  const [out, width] = shape as [number, number];
  const folded = new Float32Array(data.length);
  const row = new Float64Array(width);
  for (let i = 0; i < out; i++) {
    row.fill(0);
    for (let j = 0; j < out; j++) {
      const factor = matrix[i * out + j]!;
      if (factor !== 0) for (let k = 0; k < width; k++) row[k]! += factor * data[j * width + k]!;
    }
    if (u) for (let k = 0; k < width; k++) row[k]! += bias[i]! * u[k]!;
    folded.set(row, i * width);
  }
  return { shape, data: folded };
}

/**
 * The weights of a CLIP whose raw embeddings of one side are those of `weights`, mapped. All other tensors are the same
 * ones. Float32 rounds each embedding by a relative 1e-6 or so.
 * @throws {UsageError} when the map is of another size, or its constant cannot be folded with 32-bit floats
 */
export function foldMap(weights: Weights, tower: Tower, map: AffineMap): Weights {
  const { norm, projection } = ENDS[tower];
  const weight = weights.get(projection)!;
  const [out] = weight.shape;
  if (map.bias.length !== out || map.matrix.length !== out * out)
    throw new UsageError(
      `${projection}: the model's embeddings have ${out} numbers, the eraser was fitted on ${map.bias.length}; use the model it was fitted with`,
    );
  const u = map.bias.every((value) => value === 0)
    ? null
    : constantReader(norm, weights.get(`${norm}.weight`)!.data, weights.get(`${norm}.bias`)!.data);
  return new Map(weights).set(projection, product(map, weight, u));
}
