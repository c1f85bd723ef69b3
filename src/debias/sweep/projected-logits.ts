/** @file Cosines of images and class texts after a projection, for any alpha at the price of one. */
import type { Embeddings } from "../embeddings.ts";
import { type Eraser, apply, withStrength } from "../eraser.ts";
import { dot } from "../../run/linalg/products.ts";

/** CLIP's logit scale in the study, and of the released weights. */
const SCALE = 100;

/** What is left of images and texts at strength alpha: logits [N, C], scaled cosines. */
export type LogitsAt = (alpha: number) => Float64Array;

/**
 * h' = h - alpha P h for images and t' = t - alpha Q t for texts, each with its own projection, so that
 * h'.t' = h.t - alpha (Ph.t + h.Qt) + alpha^2 Ph.Qt and |h'|^2 = |h|^2 - (2 alpha - alpha^2) |Ph|^2. A row of which
 * nothing is left has cosine 0 with everything.
 * @param image directions of P, of which the first k are used (all, where there are fewer); `text` those of Q
 */
export function projectedLogits(
  images: Embeddings,
  texts: Embeddings,
  { image, text }: { readonly image: Eraser; readonly text: Eraser },
  k: number,
): LogitsAt {
  const [h, t] = [split(images, image, k), split(texts, text, k)];
  const { d } = images;
  const [n, classes] = [images.n, texts.n];
  const terms = Array.from({ length: 4 }, () => new Float64Array(n * classes));
  for (let i = 0; i < n; i++)
    for (let c = 0; c < classes; c++) {
      const at = i * classes + c;
      terms[0]![at] = dot(h.whole, i * d, t.whole, c * d, d);
      terms[1]![at] = dot(h.part, i * d, t.whole, c * d, d);
      terms[2]![at] = dot(h.whole, i * d, t.part, c * d, d);
      terms[3]![at] = dot(h.part, i * d, t.part, c * d, d);
    }
  return (alpha) => {
    const left = alpha * (2 - alpha);
    const norms = (of: Split, rows: number): Float64Array =>
      Float64Array.from({ length: rows }, (_, i) =>
        Math.sqrt(Math.max(0, of.squares[i]! - left * of.partSquares[i]!)),
      );
    const [hs, ts] = [norms(h, n), norms(t, classes)];
    return Float64Array.from({ length: n * classes }, (_, at) => {
      const norm = hs[Math.floor(at / classes)]! * ts[at % classes]!;
      const product =
        terms[0]![at]! - alpha * (terms[1]![at]! + terms[2]![at]!) + alpha * alpha * terms[3]![at]!;
      return norm > NOTHING ? (SCALE * product) / norm : 0;
    });
  };
}

/** Products of lengths below this are rounding. */
const NOTHING = 1e-9;

/** Rows, their part in the subspace, and squared lengths of both. */
interface Split {
  readonly whole: Float64Array;
  readonly part: Float64Array;
  readonly squares: Float64Array;
  readonly partSquares: Float64Array;
}

function split({ x, n, d }: Embeddings, eraser: Eraser, k: number): Split {
  const whole = Float64Array.from(x);
  const rest = apply(withStrength(eraser, { alpha: 1, k: Math.min(k, eraser.share.length) }), {
    x: whole,
    n,
    d,
  }).x;
  const part = whole.map((value, i) => value - rest[i]!);
  const squares = (of: Float64Array): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => dot(of, i * d, of, i * d, d));
  return { whole, part, squares: squares(whole), partSquares: squares(part) };
}
