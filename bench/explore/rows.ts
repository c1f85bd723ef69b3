/** @file Embeddings that both sides cluster: blobs of unequal size along few factors, and rows of no blob. */
import { unitRows } from "../../src/run/linalg/embeddings.ts";
import { random } from "../../src/run/random.ts";

/** Draws the same unit rows every time; one in twenty is of no blob. */
export function drawBlobs(n: number, d: number, blobs: number): Float32Array {
  const { uniform, normal } = random("bench", "explore", n, d, blobs);
  const [FACTORS, SPREAD, NOISE] = [16, 0.12, 0.01];
  const draw = (rows: number): Float64Array =>
    Float64Array.from({ length: rows * d }, () => normal() / Math.sqrt(d));
  const [common, centres, loadings] = [draw(1), draw(blobs), draw(FACTORS)];
  const x = new Float32Array(n * d);
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    const blob = Math.floor(blobs * uniform() ** 1.5); // the first are the largest
    const scattered = uniform() < 0.05;
    for (let c = 0; c < d; c++) row[c] = common[c]! + (scattered ? 0 : centres[blob * d + c]!);
    for (let f = 0; f < FACTORS; f++) {
      const amount = (scattered ? 4 : 1) * SPREAD * normal();
      for (let c = 0; c < d; c++) row[c]! += amount * loadings[f * d + c]!;
    }
    for (let c = 0; c < d; c++) x[i * d + c] = row[c]! + NOISE * (2 * uniform() - 1);
  }
  return unitRows({ x, n, d }).x;
}
