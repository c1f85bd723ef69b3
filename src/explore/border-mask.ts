/** @file How much of what differs between pictures of faces is not face. */
import { UsageError } from "../run/errors.ts";
import type { Embeddings } from "../run/linalg/embeddings.ts";
import { meanRow } from "./points.ts";

/** About the picture's centre; half axes as shares of its sides. The default covers half of the picture. */
export interface Ellipse {
  readonly across: number;
  readonly up: number;
}
export const FACE: Ellipse = { across: 0.36, up: 0.44 };

export interface BorderMask {
  readonly ellipse: Ellipse;
  /** Share of the pixels whose centres lie within the ellipse: what `inside` is to be held against. */
  readonly pixelsInside: number;
  /** Shares of the pixels' variance over all pictures; they sum to 1. Null where pictures do not differ. */
  readonly inside: number | null;
  readonly outside: number | null;
  readonly reason: string | null;
}

/**
 * Where the variance of pixel embeddings lies.
 * @param x pixels of square pictures, row after row: d is a square number
 * @throws {UsageError} when it is not
 */
export function borderMask({ x, n, d }: Embeddings, ellipse: Ellipse = FACE): BorderMask {
  const size = Math.round(Math.sqrt(d));
  if (size * size !== d)
    throw new UsageError(
      `border mask: expected pixels of square pictures, received embeddings of ${d} numbers`,
    );
  const isInside = Uint8Array.from({ length: d }, (_, pixel) => {
    const across = ((pixel % size) + 0.5) / size - 0.5;
    const up = (Math.floor(pixel / size) + 0.5) / size - 0.5;
    return (across / ellipse.across) ** 2 + (up / ellipse.up) ** 2 <= 1 ? 1 : 0;
  });
  const mean = meanRow({ x, n, d });
  const sides: [outside: number, inside: number] = [0, 0];
  for (let at = 0; at < n * d; at += d)
    for (let pixel = 0; pixel < d; pixel++)
      sides[isInside[pixel]!]! += (x[at + pixel]! - mean[pixel]!) ** 2;
  const [outside, inside] = sides;
  const total = outside + inside;
  const differs = total > x.length * Number.EPSILON ** 2; // beyond rounding of pixels of about 1
  return {
    ellipse,
    pixelsInside: isInside.reduce((sum, is) => sum + is, 0) / d,
    inside: differs ? inside / total : null,
    outside: differs ? outside / total : null,
    reason: differs ? null : n < 2 ? "one picture has no variance" : "the pictures are identical",
  };
}
