/** @file From interleaved bytes to planes of floats in WebAssembly's vectors: 16 pixels at a time. */
import {
  type Code,
  END,
  I32_ADD,
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

const V = {
  load: simd(0x00),
  store: simd(0x0b),
  shuffle: simd(0x0d),
  splat: simd(0x13),
  shorts: [simd(0x89), simd(0x8a)], // of the low and the high bytes
  ints: [simd(0xa9), simd(0xaa)], // of the low and the high shorts
  subtract: simd(0xe5),
  divide: simd(0xe7),
  floats: simd(0xfa),
} as const;

const PIXELS = 16;
const [source, out, stride, count] = [0, 1, 2, 3] as const;
/** 32-bit floats given: the level that is 1, then each channel's mean and standard deviation. */
const given = { unit: 4, mean: [5, 6, 7], std: [8, 9, 10] } as const;
const plane = 11;
const [unit, first, second, third, bytes, shorts] = [12, 13, 14, 15, 16, 17] as const;
const [mean, std] = [18, 21] as const; // three vectors each

const splat = (from: number, to: number): Code => [get(from), V.splat, set(to)];
const CHANNELS = [0, 1, 2] as const;

/** Bytes `channel`, `channel + 3`, ... of the 48 in three vectors. */
function pick(channel: number): Code {
  const from = Array.from({ length: PIXELS }, (_, i) => channel + 3 * i);
  return [
    [get(first), get(second), V.shuffle, from.map((byte) => (byte < 32 ? byte : 0))],
    [get(third), V.shuffle, from.map((byte, i) => (byte < 32 ? i : byte - 16))],
  ];
}

const quarter = (channel: number, i: number): Code => [
  [get(plane), get(shorts), V.ints[i & 1]!, V.floats],
  [get(unit), V.divide, get(mean + channel), V.subtract, get(std + channel), V.divide],
  [V.store, at(16 * i, 0)],
];
const convert = (channel: number): Code => [
  [pick(channel), set(bytes)],
  [0, 1].map((half) => [
    [get(bytes), V.shorts[half]!, set(shorts)],
    [quarter(channel, 2 * half), quarter(channel, 2 * half + 1)],
  ]),
  [get(plane), get(stride), I32_ADD, set(plane)],
];

/** Addresses are bytes of `memory`. */
export interface NormaliseKernel {
  readonly memory: Memory;
  /**
   * (level / unit - mean) / std in 32-bit floats, of `groups` of 16 RGB pixels at `source`: a plane for each channel,
   * the first at `out` and `stride` bytes between them.
   */
  normalise(
    source: number,
    out: number,
    stride: number,
    groups: number,
    unit: number,
    ...meansThenStds: readonly number[]
  ): void;
}

export const normaliseKernel = (): NormaliseKernel =>
  instantiate<Omit<NormaliseKernel, "memory">>({
    name: "normalise",
    params: 4,
    floats: 7,
    numbers: 1,
    vectors: 12,
    body: [
      splat(given.unit, unit),
      CHANNELS.map((c) => [splat(given.mean[c], mean + c), splat(given.std[c], std + c)]),
      LOOP,
      [get(source), V.load, at(0, 0), set(first)],
      [get(source), V.load, at(16, 0), set(second)],
      [get(source), V.load, at(32, 0), set(third)],
      [get(out), set(plane), CHANNELS.map(convert)],
      [get(source), constant(3 * PIXELS), I32_ADD, set(source)],
      [get(out), constant(32), I32_ADD, constant(32), I32_ADD, set(out)],
      [get(count), constant(1), I32_SUB, tee(count)],
      [REPEAT_UNLESS_0, END],
      END,
    ],
  });
