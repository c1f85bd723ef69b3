/** @file Near-duplicates: images that show the same picture though their bytes differ. */
import { closePairs } from "./close-pairs.ts";
import { Components } from "./components.ts";
import { hammingDistance } from "./dhash.ts";
import { type Fingerprint, THUMBNAIL } from "./fingerprint.ts";

/** Thumbnails that correlate more than this are near-duplicates: it reproduces the groups of a hand-checked UTKFace audit. */
const MIN_CORRELATION = 0.98;
/** ... unless their hashes differ in more bits: smooth pictures correlate highly whatever they show. */
const MAX_HAMMING = 10;

const PIXELS = THUMBNAIL * THUMBNAIL;
/** Low frequencies searched: 5 x 5 cosines hold most of a picture's energy, the lowest the most. */
const SIDE = 5;
const FREQUENCIES = Array.from({ length: SIDE * SIDE }, (_, i) => [Math.floor(i / SIDE), i % SIDE])
  .slice(1) // [0, 0] is the mean
  .sort(([a = 0, b = 0], [c = 0, d = 0]) => a + b - (c + d));

/**
 * Groups of near-duplicates as indices into `prints`, byte-identical images included: connected by pairs whose thumbnails
 * have a Pearson correlation above 0.98 and whose difference hashes differ in at most 10 of 64 bits.
 *
 * Thumbnails standardised to unit length are 2(1 - r) apart (squared), and no projection on orthonormal vectors is further,
 * so pairs that are close in a few low frequencies are all that need comparing; nothing is missed.
 */
export function nearDuplicates(prints: readonly Fingerprint[]): number[][] {
  const components = new Components(prints.length);
  const first = new Map<string, number>(); // one of each content is compared
  prints.forEach(({ sha256 }, i) => {
    const same = first.get(sha256);
    if (same === undefined) first.set(sha256, i);
    else components.join(same, i);
  });
  // a picture of one grey level correlates with nothing
  const distinct = [...first.values()].filter((i) => deviation(prints[i]!.thumbnail) > 0);
  const points = new Float32Array(distinct.length * FREQUENCIES.length);
  distinct.forEach((i, row) =>
    points.set(lowFrequencies(prints[i]!.thumbnail), row * FREQUENCIES.length),
  );
  const radius = Math.sqrt(2 * (1 - MIN_CORRELATION)) + 1e-4; // slack for float32
  closePairs(points, FREQUENCIES.length, radius, (a, b) => {
    const [i, j] = [distinct[a]!, distinct[b]!];
    if (components.find(i) === components.find(j)) return;
    const [x, y] = [prints[i]!, prints[j]!];
    if (hammingDistance(x.dhash, y.dhash) > MAX_HAMMING) return;
    if (correlation(x.thumbnail, y.thumbnail) > MIN_CORRELATION) components.join(i, j);
  });
  return components.groups();
}

function mean(pixels: Uint8Array): number {
  let sum = 0;
  for (const pixel of pixels) sum += pixel;
  return sum / pixels.length;
}

/** Length of the centred thumbnail. */
function deviation(pixels: Uint8Array): number {
  const centre = mean(pixels);
  let sum = 0;
  for (const pixel of pixels) sum += (pixel - centre) ** 2;
  return Math.sqrt(sum);
}

/** Pearson's r of two thumbnails. */
function correlation(a: Uint8Array, b: Uint8Array): number {
  const [centreA, centreB] = [mean(a), mean(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - centreA) * (b[i]! - centreB);
  return sum / (deviation(a) * deviation(b));
}

/** Orthonormal cosines (DCT-II) of the lowest frequencies along one side. */
const COSINES = Array.from({ length: SIDE }, (_, k) =>
  Float64Array.from(
    { length: THUMBNAIL },
    (__, x) =>
      Math.sqrt((k === 0 ? 1 : 2) / THUMBNAIL) * Math.cos((Math.PI * (x + 0.5) * k) / THUMBNAIL),
  ),
);

/** The low-frequency cosine coefficients of a thumbnail of unit deviation. */
function lowFrequencies(pixels: Uint8Array): number[] {
  const scale = 1 / deviation(pixels);
  const across = COSINES.map((cosine) => {
    const sums = new Float64Array(THUMBNAIL);
    for (let p = 0; p < PIXELS; p++)
      sums[(p / THUMBNAIL) | 0]! += cosine[p % THUMBNAIL]! * pixels[p]!;
    return sums; // [32], one for each line
  });
  return FREQUENCIES.map(([down = 0, right = 0]) => {
    const cosine = COSINES[down]!;
    let sum = 0;
    for (let y = 0; y < THUMBNAIL; y++) sum += cosine[y]! * across[right]![y]!;
    return sum * scale;
  });
}
