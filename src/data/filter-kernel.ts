/**
 * @file The inner loops of separable filters in WebAssembly's vectors. Two taps at a time: a pixel's byte fits 16 bits,
 * a weight's 22 do not, so its high and low halves are multiplied apart and joined in the end, which is exact.
 */
import {
  type Code,
  END,
  I32_ADD,
  I32_LESS,
  I32_LOAD,
  I32_SUB,
  LOOP,
  type Memory,
  REPEAT_UNLESS_0,
  at,
  constant,
  get,
  instantiate,
  set,
  simd,
  tee,
} from "../run/wasm.ts";

/** Pillow's fixed point: 32 bits less 8 of the pixel less 2 of head room for negative lobes. */
export const PRECISION = 22;
/** Bits of the low half. */
export const LOW_BITS = 11;

const V = {
  load: simd(0x00),
  load32Splat: simd(0x09),
  store: simd(0x0b),
  const: simd(0x0c),
  shuffle: simd(0x0d),
  swizzle: simd(0x0e),
  store32Lane: simd(0x5a),
  load64: simd(0x5d),
  bytesOfShorts: simd(0x66), // clamps to 0 .. 255
  shortsOfInts: simd(0x85), // clamps, too
  shortsOfLowBytes: simd(0x89),
  shortsOfHighBytes: simd(0x8a),
  shiftLeft: simd(0xab),
  shiftRight: simd(0xac),
  add: simd(0xae),
  /** Four sums of two products of 16-bit numbers. */
  dot: simd(0xba),
} as const;

const bytes = (...list: readonly number[]): Code => [V.const, list];
const ZERO = bytes(...Array<number>(16).fill(0));
const HALF = bytes(...[0, 1, 2, 3].flatMap(() => [0, 0, (1 << (PRECISION - 1)) >> 16, 0]));
/** `local += by` */
const advance = (local: number, by: Code): Code => [get(local), by, I32_ADD, set(local)];
/** The end of a loop that counts `local` down to 0. */
const countDown = (local: number): Code => [
  [get(local), constant(1), I32_SUB, tee(local)],
  [REPEAT_UNLESS_0, END],
];
/** Adds what two taps give: `pixels` [8 of 16 bits] by `weights` to the sums of the high and the low halves. */
const weigh = (pixels: number, weights: Weights, high: number, low: number): Code => [
  [get(high), get(pixels), weights.high, V.dot, V.add, set(high)],
  [get(low), get(pixels), weights.low, V.dot, V.add, set(low)],
];
interface Weights {
  readonly high: Code;
  readonly low: Code;
}
/** Of a pair of taps: two high halves, then two low ones, each of 16 bits. */
const pairAt = (local: number): Weights => ({
  high: [get(local), V.load32Splat, at(0, 2)],
  low: [get(local), V.load32Splat, at(4, 2)],
});
const PAIR_BYTES = 8;
/** Four whole levels, not yet clamped. */
const rounded = (high: number, low: number): Code => [
  [get(high), constant(LOW_BITS), V.shiftLeft, get(low), V.add],
  [constant(PRECISION), V.shiftRight],
];

function horizontal() {
  const [line, starts, weights, pairs, out, count, p, k] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
  const [high, low, pixels] = [8, 9, 10] as const;
  /** Red, green and blue of two neighbouring pixels, side by side, as 16-bit numbers. */
  const spread = bytes(0, 128, 3, 128, 1, 128, 4, 128, 2, 128, 5, 128, 128, 128, 128, 128);
  return {
    name: "horizontal",
    params: 6,
    numbers: 2,
    vectors: 3,
    body: [
      LOOP,
      [get(line), get(starts), I32_LOAD, at(0, 2), I32_ADD, set(p)],
      [ZERO, set(high), HALF, set(low), get(pairs), set(k)],
      [
        LOOP,
        [get(p), V.load64, at(0, 0), spread, V.swizzle, set(pixels)],
        weigh(pixels, pairAt(weights), high, low),
        [advance(p, constant(6)), advance(weights, constant(PAIR_BYTES))],
        countDown(k),
      ],
      // four bytes: the next pixel overwrites the last
      [get(out), rounded(high, low), tee(high), get(high), V.shortsOfInts],
      [tee(high), get(high), V.bytesOfShorts, V.store32Lane, at(0, 0), 0],
      [advance(starts, constant(4)), advance(out, constant(3))],
      countDown(count),
      END,
    ],
  };
}

function vertical() {
  const [first, line, weights, pairs, out, end, p, w, k] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
  const [above, below, mixed, pixels] = [9, 10, 11, 12] as const;
  const [high, low] = [13, 17] as const; // four vectors each
  const interleave = (from: number): Code => [
    [get(above), get(below), V.shuffle],
    Array.from({ length: 16 }, (_, i) => from + (i >> 1) + 16 * (i & 1)),
  ];
  const quarter = (i: number): Code => [
    i % 2 === 0 ? [interleave(4 * i), tee(mixed), V.shortsOfLowBytes] : [],
    i % 2 === 1 ? [get(mixed), V.shortsOfHighBytes] : [],
    set(pixels),
    weigh(pixels, pairAt(w), high + i, low + i),
  ];
  const quarters = [0, 1, 2, 3];
  const both = (i: number): Code => [
    [rounded(high + i, low + i), rounded(high + i + 1, low + i + 1)],
    V.shortsOfInts,
  ];
  return {
    name: "vertical",
    params: 6,
    numbers: 3,
    vectors: 12,
    body: [
      LOOP,
      [get(first), set(p), get(weights), set(w), get(pairs), set(k)],
      quarters.map((i) => [ZERO, set(high + i), HALF, set(low + i)]),
      [
        LOOP,
        [get(p), V.load, at(0, 0), set(above)],
        [get(p), get(line), I32_ADD, tee(p), V.load, at(0, 0), set(below)],
        quarters.map(quarter),
        [advance(p, get(line)), advance(w, constant(PAIR_BYTES))],
        countDown(k),
      ],
      [get(out), both(0), both(2), V.bytesOfShorts, V.store, at(0, 0)],
      [advance(first, constant(16)), advance(out, constant(16))],
      [get(out), get(end), I32_LESS, REPEAT_UNLESS_0, END],
      END,
    ],
  };
}

/** Addresses are bytes of `memory`; `weights` are pairs of taps, `pairs` of them for each output position. */
export interface FilterKernel {
  readonly memory: Memory;
  /**
   * Filters one line of RGB pixels to `count` of them, and writes one byte more. `starts` has the first byte of each
   * one's taps within the line.
   */
  horizontal(
    line: number,
    starts: number,
    weights: number,
    pairs: number,
    out: number,
    count: number,
  ): void;
  /**
   * Filters lines of `line` bytes, the first at `first`, to one from `out` to `end`, and writes up to 15 bytes more.
   */
  vertical(
    first: number,
    line: number,
    weights: number,
    pairs: number,
    out: number,
    end: number,
  ): void;
}

export const filterKernel = (): FilterKernel =>
  instantiate<Omit<FilterKernel, "memory">>(horizontal(), vertical());
