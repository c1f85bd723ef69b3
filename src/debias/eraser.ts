/**
 * @file The value every linear method fits, and what it does to embeddings.
 *
 * x' = x - alpha * sum over j < k of (read_j . (x - centre)) write_j
 *
 * An orthogonal projection reads and writes the same unit directions; LEACE reads whitened ones and writes them back;
 * what is added rather than removed is written with a minus (`roboshot`).
 */
import { UsageError } from "../run/errors.ts";
import { checkEmbeddings, type Embeddings, type Train } from "./embeddings.ts";
import { dot, productTransposed, transpose } from "../run/linalg/products.ts";

/** What a fit finds: R directions, most important first where they have an order. */
export interface Directions {
  /** The point that removal is measured from and does not move; zeros for a plain projection. [D] */
  readonly centre: Float64Array;
  /** [R, D] */
  readonly read: Float64Array;
  /**
   * [R, D]. Where read_i . write_j is 1 for i = j and 0 otherwise, alpha 1 is a projection and idempotent; only
   * `prompt-calibrated` and `roboshot` are none.
   */
  readonly write: Float64Array;
  /** Share of the removed quantity (variance, class separation, information) in each direction. [R] */
  readonly share: Float64Array;
}

/** A fitted eraser: plain data, frozen, serialisable by `toJSON`. */
export interface Eraser extends Directions {
  readonly method: string;
  readonly d: number;
  /** Directions in use, 0 to R. */
  readonly k: number;
  /** 0 identity, 1 removal, 2 reflection. */
  readonly alpha: number;
}

/** A method that finds one concept's directions in labelled rows. All options have defaults. */
export interface EraserMethod<Options extends object> {
  /** What it removes, in one line of a report. */
  readonly summary: string;
  /** What a reader of the report must know before trusting it. */
  readonly caveat: string | null;
  /**
   * Fits on train embeddings [N, D] and labels [N]; alpha is 1.
   * @throws {EquiclipError} on bad embeddings, labels or options (see `checkTrain`)
   */
  fit(train: Train, options?: Options): Eraser;
  /** Several concepts at once, [concepts][N]: afterwards what `fit` promises for one holds for each. */
  joint?(rows: Embeddings, concepts: readonly Int32Array[], options?: Options): Eraser;
}

/** A new eraser of all `directions`, using the first `k` at alpha 1. */
export function createEraser(method: string, directions: Directions, k: number): Eraser {
  const { centre, read, write, share } = directions;
  const d = centre.length;
  return withStrength({ method, d, centre, read, write, share, k: 0, alpha: 1 }, { alpha: 1, k });
}

/** Rows erased at a time, so that they stay in the cache. */
const BLOCK = 256;

/** How much is removed. */
export interface Strength {
  /** 0 identity, 1 removal, 2 reflection. */
  readonly alpha: number;
  /** Number of directions, 0 to R. */
  readonly k: number;
}

/**
 * The same directions used more or less; nothing is fitted again.
 * @throws {UsageError} when alpha is outside [0, 2] or k outside [0, R]
 */
export function withStrength(eraser: Eraser, { alpha, k }: Strength): Eraser {
  const rank = eraser.share.length;
  if (!(alpha >= 0 && alpha <= 2))
    throw new UsageError(
      `${eraser.method}: alpha: expected a number from 0 to 2, received ${alpha}`,
    );
  if (!(Number.isInteger(k) && k >= 0 && k <= rank))
    throw new UsageError(
      `${eraser.method}: k: expected a whole number from 0 to ${rank} (directions fitted), received ${k}`,
    );
  return Object.freeze({ ...eraser, alpha, k });
}

/** Smallest k whose directions together reach `target` (0 to 1) of the whole share. */
export function countForShare(share: Float64Array, target: number): number {
  let sum = 0;
  const at = share.findIndex((value) => (sum += value) >= target - 1e-12);
  return at < 0 ? share.length : at + 1;
}

/**
 * Erases from embeddings [N, D] into a new array of the same type; sums are float64.
 * Rows keep whatever length erasure leaves them: normalise afterwards where cosines are wanted.
 * @throws {EquiclipError} on NaN or a different D
 */
export function apply(eraser: Eraser, embeddings: Embeddings): Embeddings {
  const { d, k, alpha, centre, read, write } = eraser;
  const { x, n } = embeddings;
  checkEmbeddings(embeddings);
  if (embeddings.d !== d)
    throw new UsageError(
      `${eraser.method}: fitted on embeddings of ${d} numbers, received ${embeddings.d}; use the model it was fitted with`,
    );
  if (k === 0) return { x: x.slice(), n, d };
  const offsets = Float64Array.from({ length: k }, (_, j) => dot(centre, 0, read, j * d, d));
  const spread = transpose(write.subarray(0, k * d), d); // [D, K]
  const amounts = new Float64Array(BLOCK * k);
  const moved = new Float64Array(BLOCK * d);
  const out = x.slice();
  for (let start = 0; start < n; start += BLOCK) {
    const rows = Math.min(BLOCK, n - start);
    const block = out.subarray(start * d, (start + rows) * d);
    productTransposed(block, rows, read, k, d, amounts);
    for (let i = 0; i < rows * k; i++) amounts[i] = alpha * (amounts[i]! - offsets[i % k]!);
    productTransposed(amounts, rows, spread, d, k, moved);
    for (let i = 0; i < block.length; i++) block[i]! -= moved[i]!;
  }
  return { x: out, n, d };
}

/** The eraser as x' = matrix x + bias, matrix [D, D] acting on column vectors: what folds into a projection layer. */
export function toAffine(eraser: Eraser): { matrix: Float64Array; bias: Float64Array } {
  const { d, k, alpha, centre, read, write } = eraser;
  const matrix = new Float64Array(d * d);
  const bias = new Float64Array(d);
  for (let i = 0; i < d; i++) matrix[i * d + i] = 1;
  for (let j = 0; j < k; j++) {
    const offset = dot(centre, 0, read, j * d, d);
    for (let i = 0; i < d; i++) {
      const amount = alpha * write[j * d + i]!;
      bias[i]! += amount * offset;
      for (let c = 0; c < d; c++) matrix[i * d + c]! -= amount * read[j * d + c]!;
    }
  }
  return { matrix, bias };
}
