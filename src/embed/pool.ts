/** @file From what a vision model gives of each image to one row. */
import { UsageError } from "../run/errors.ts";
import type { RawEmbeddings, Tokens } from "./encoder.ts";

/**
 * `first`: the first token, the class token of most vision transformers; `mean`: over tokens, or over a feature map;
 * `flatten`: all numbers of an image one after another, for latents of an autoencoder.
 */
export const POOLS = ["first", "mean", "flatten"] as const;
export type Pool = (typeof POOLS)[number];

/** What a model gives. */
export interface ModelResult {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Mean over `count` numbers or rows that lie `step` apart. */
function mean(data: Float32Array, from: number, count: number, step: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += data[from + i * step]!;
  return sum / count;
}

/**
 * One row for each image of a result [B, D], of tokens [B, T, D] or of a feature map [B, D, H, W].
 * @throws {UsageError} when there is something to pool and no way was named, or the result has another form
 */
export function pooled(
  what: string,
  { data, dims }: ModelResult,
  pool: Pool | undefined,
): RawEmbeddings {
  const shown = `[${dims.join(", ")}]`;
  const [batch = 0, ...rest] = dims;
  if (rest.length === 1) return { x: data, d: rest[0]! };
  if (rest.length === 3 && rest[1] === 1 && rest[2] === 1) return { x: data, d: rest[0]! };
  if (rest.length !== 2 && rest.length !== 3)
    throw new UsageError(
      `${what}: expected a row [batch, numbers], tokens [batch, tokens, numbers] or a map [batch, numbers, height, width] for each image, received ${shown}; name another output`,
    );
  if (pool === "flatten") return { x: data, d: rest.reduce((a, b) => a * b) };
  if (pool === undefined || (pool === "first" && rest.length === 3))
    throw new UsageError(
      `${what} is ${shown}, more than one row an image; say how to pool: ${rest.length === 3 ? "mean, or flatten" : "first (the class token), mean, or flatten"}`,
    );
  if (rest.length === 3) {
    const [d, height, width] = rest as [number, number, number];
    const area = height * width;
    return {
      x: Float32Array.from({ length: batch * d }, (_, i) => mean(data, i * area, area, 1)),
      d,
    };
  }
  const [tokens, d] = rest as [number, number];
  const at = (i: number): number => Math.floor(i / d) * tokens * d + (i % d);
  const of =
    pool === "first" ? (i: number) => data[at(i)]! : (i: number) => mean(data, at(i), tokens, d);
  return { x: Float32Array.from({ length: batch * d }, (_, i) => of(i)), d };
}

/** Rows of each image of a result [B, T, D]. @throws {UsageError} when it has another form */
export function tokensOf(what: string, { data, dims }: ModelResult): Tokens {
  const [, tokens, d] = dims;
  if (dims.length !== 3 || tokens === undefined || d === undefined)
    throw new UsageError(
      `${what}: expected tokens [batch, tokens, numbers], received [${dims.join(", ")}]; it has no rows of parts of an image`,
    );
  return { x: data, tokens, d, leading: tokens - Math.floor(Math.sqrt(tokens)) ** 2 };
}
