/** @file Split product: how alike two pictures are patch by patch. */
import { UsageError } from "../../run/errors.ts";
import { productTransposed } from "../../run/linalg/products.ts";
import { type Progress, silent } from "../../run/progress.ts";
import {
  byPrompt,
  collect,
  pairValues,
  type Quadruplet,
  type SpaceSimilarities,
} from "./similarities.ts";
import type { Space } from "./spaces.ts";

/** The last hidden state of a vision transformer for one picture. */
export interface Tokens {
  /** [count, width] */
  readonly x: Float32Array | Float64Array;
  readonly count: number;
  readonly width: number;
  /** First tokens that are no patches: the class token, registers. */
  readonly leading: number;
}

/**
 * Study 000 leaves open what is meant. `all-tokens`: of every token of the first picture, class token too, the largest
 * cosine with a token of the second; their mean. That is the study's code, and it is not symmetric. `patches`: the same
 * of patches alone, averaged over both directions. `matching`: cosines of patches at the same place; their maximum, as
 * in the metric that was published under this name (Somepalli et al. 2023).
 */
export const SPLIT_VARIANTS = ["patches", "all-tokens", "matching"] as const;
export type SplitVariant = (typeof SPLIT_VARIANTS)[number];

/**
 * The split product of two pictures; 1 for identical ones. Null when a token is zero.
 * @throws {UsageError} when widths differ, for `matching` also when the numbers of patches do
 */
export function splitProduct(
  a: Tokens,
  b: Tokens,
  variant: SplitVariant = "patches",
): number | null {
  if (a.width !== b.width)
    throw new UsageError(
      `split product: expected tokens of one width, received ${a.width} and ${b.width}; encode both with the same model`,
    );
  const skipped = variant === "all-tokens" ? 0 : 1;
  const [left, right] = [unitTokens(a, skipped * a.leading), unitTokens(b, skipped * b.leading)];
  if (!left || !right) return null;
  const [m, n] = [left.length / a.width, right.length / b.width];
  if (variant === "matching") return largestAtSamePlace(left, right, a.width);
  const products = new Float64Array(m * n);
  productTransposed(left, m, right, n, a.width, products);
  const forward = meanOfMaxima(m, n, (i, j) => products[i * n + j]!);
  return variant === "all-tokens"
    ? forward
    : (forward + meanOfMaxima(n, m, (j, i) => products[i * n + j]!)) / 2;
}

/** Tokens after the first ones, of unit length; null when there are none or one is zero. */
function unitTokens({ x, count, width }: Tokens, skipped: number): Float64Array | null {
  const out = Float64Array.from(x.subarray(skipped * width, count * width));
  for (let from = 0; from < out.length; from += width) {
    let squares = 0;
    for (let i = from; i < from + width; i++) squares += out[i]! ** 2;
    if (squares === 0) return null;
    const norm = Math.sqrt(squares);
    for (let i = from; i < from + width; i++) out[i]! /= norm;
  }
  return out.length === 0 ? null : out;
}

function meanOfMaxima(rows: number, columns: number, at: (i: number, j: number) => number): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    let most = -1;
    for (let j = 0; j < columns; j++) most = Math.max(most, at(i, j));
    sum += most;
  }
  return sum / rows;
}

function largestAtSamePlace(a: Float64Array, b: Float64Array, width: number): number {
  if (a.length !== b.length)
    throw new UsageError(
      `split product: expected as many patches in both pictures, received ${a.length / width} and ${b.length / width}; resize both to one size`,
    );
  let most = -1;
  for (let from = 0; from < a.length; from += width) {
    let product = 0;
    for (let i = from; i < from + width; i++) product += a[i]! * b[i]!;
    most = Math.max(most, product);
  }
  return most;
}

/**
 * Split products of all quadruplets. Tokens of one quadruplet's pictures at a time are in memory.
 * @param tokensOf tokens of a picture by its id; null where it has none
 * @param owners the prompt of each picture
 */
export async function splitSpace(
  quadruplets: readonly Quadruplet[],
  space: Space,
  tokensOf: (id: string) => Promise<Tokens | null> | Tokens | null,
  owners: ReadonlyMap<string, string>,
  { variant = "patches", progress = silent }: { variant?: SplitVariant; progress?: Progress } = {},
): Promise<SpaceSimilarities> {
  const pictures = byPrompt(
    [...owners.keys()].map((id) => [id, id]),
    owners,
  );
  const withTokens = new Set<string>();
  const values: SpaceSimilarities["values"][number][] = [];
  progress.start("split product", quadruplets.length);
  for (const { prompts } of quadruplets) {
    const tokens = new Map<string, Tokens[]>();
    for (const { id } of Object.values(prompts)) {
      const all = await Promise.all((pictures.get(id) ?? []).map(tokensOf));
      const there = all.filter((found) => found !== null);
      if (there.length > 0) withTokens.add(id);
      tokens.set(id, there);
    }
    values.push(
      pairValues(
        prompts,
        ({ id }) => tokens.get(id)!,
        (a, b) => splitProduct(a, b, variant),
      ),
    );
    progress.update(values.length);
  }
  progress.stop();
  return collect(quadruplets, space, values, ({ id }) => withTokens.has(id));
}
