/** @file Exact binomial and multinomial draws from a fast seeded generator. */
import { random } from "../../run/random.ts";

/** Uniform numbers in [0, 1) with 32 random bits. */
export type Uniform = () => number;

/** The stream named by `keys`: sfc32 (Doty-Humphrey, PractRand), seeded from the run's generator. */
export function uniform(...keys: readonly (string | number)[]): Uniform {
  const seeds = random(...keys);
  let a = seeds.int(2 ** 32) | 0;
  let b = seeds.int(2 ** 32) | 0;
  let c = seeds.int(2 ** 32) | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0; // all four stay 32-bit integers: a double would be allocated
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** Writes 32 random bits into every entry. */
export type Bits = (out: Uint32Array) => void;

/** The same generator in bulk, at half the cost of a call for each number; seeded from `next`. */
export function bitsFrom(next: Uniform): Bits {
  let [a, b, c, counter] = [0, 1, 2, 3].map(() => (next() * 2 ** 32) | 0) as [
    number,
    number,
    number,
    number,
  ];
  const fill: Bits = (out) => {
    let [x, y, z, n] = [a, b, c, counter]; // locals stay in registers
    for (let i = 0; i < out.length; i++) {
      const sum = (x + y + n) | 0;
      n = (n + 1) | 0;
      x = y ^ (y >>> 9);
      y = (z + (z << 3)) | 0;
      z = (((z << 21) | (z >>> 11)) + sum) | 0;
      out[i] = sum;
    }
    [a, b, c, counter] = [x, y, z, n];
  };
  fill(new Uint32Array(12));
  return fill;
}

/** Remainder of Stirling's formula for ln k!, to 1e-10. */
const REMAINDER = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.020790672103765, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.0092554621827127, 0.0083305634333628,
] as const;
function remainder(k: number): number {
  const exact = REMAINDER[k];
  if (exact !== undefined) return exact;
  const x = k + 1;
  return (1 / 12 - (1 / 360 - 1 / 1260 / (x * x)) / (x * x)) / x;
}

/** Successes in `n` trials of probability `p`, exact for every n and p. */
export function binomial(n: number, p: number, next: Uniform): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(n, 1 - p, next);
  return n * p < 10 ? byInversion(n, p, next) : byRejection(n, p, next);
}

/** Walks the distribution function up from 0; n p < 10 steps on average. */
function byInversion(n: number, p: number, next: Uniform): number {
  const odds = p / (1 - p);
  const none = Math.exp(n * Math.log1p(-p));
  for (;;) {
    // the generator's 32 bits are too coarse for the far tail; two of them are not
    let u = next() + next() * 2 ** -32;
    let mass = none;
    for (let k = 0; k <= n; k++) {
      if (u < mass) return k;
      u -= mass;
      mass *= (odds * (n - k)) / (k + 1);
    }
  }
}

/** BTRS: transformed rejection with squeeze (Hörmann 1993, "The generation of binomial random variates"). */
function byRejection(n: number, p: number, next: Uniform): number {
  const q = 1 - p;
  const sd = Math.sqrt(n * p * q);
  const b = 1.15 + 2.53 * sd;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const c = n * p + 0.5;
  const squeeze = 0.92 - 4.2 / b;
  for (;;) {
    const u = next() + next() * 2 ** -32 - 0.5;
    const v = next();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + c);
    if (us >= 0.07 && v <= squeeze) return k;
    if (k < 0 || k > n) continue;
    const alpha = (2.83 + 5.1 / b) * sd;
    const odds = p / q;
    const mode = Math.floor((n + 1) * p);
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (n - mode + 1))) +
      (n + 1) * Math.log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((odds * (n - k + 1)) / (k + 1)) +
      remainder(mode) +
      remainder(n - mode) -
      remainder(k) -
      remainder(n - k);
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

/**
 * Shares `n` trials out over outcomes `from` to `to` of `out`, in proportion to `weights`: each outcome is a binomial
 * draw conditional on those before it.
 */
export function multinomial(
  n: number,
  weights: Float64Array,
  [from, to]: readonly [number, number],
  out: Float64Array,
  next: Uniform,
): void {
  let weight = 0;
  for (let m = from; m < to; m++) weight += weights[m]!;
  for (let m = from; m < to; m++) {
    out[m] = m === to - 1 ? n : binomial(n, weights[m]! / weight, next);
    n -= out[m]!;
    weight -= weights[m]!;
  }
}
