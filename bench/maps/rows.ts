/** @file Embeddings that both sides map: groups of unequal size on a unit sphere, each spread along a few directions of its own. */
import { type Embeddings, unitRows } from "../../src/run/linalg/embeddings.ts";
import { random } from "../../src/run/random.ts";

const GROUPS = 20;
const DIRECTIONS = 8;

/** Draws the same rows [n, d] every time. */
export function drawRows(n: number, d: number): Embeddings & { readonly x: Float32Array } {
  const { uniform, int, normal } = random("bench", "maps", n, d);
  const drawn = (length: number): Float64Array => Float64Array.from({ length }, () => normal());
  const centres = drawn(GROUPS * d);
  const directions = drawn(GROUPS * DIRECTIONS * d);
  const x = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    const group = Math.min(int(GROUPS), int(GROUPS)); // the first are the largest
    const amounts = drawn(DIRECTIONS).map((amount) => 0.3 * amount * uniform(0.5, 1.5));
    for (let j = 0; j < d; j++) {
      let value = centres[group * d + j]! + 0.5 * normal();
      for (let f = 0; f < DIRECTIONS; f++)
        value += amounts[f]! * directions[(group * DIRECTIONS + f) * d + j]!;
      x[i * d + j] = value;
    }
  }
  return unitRows({ x, n, d });
}
