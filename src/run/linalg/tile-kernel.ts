/**
 * @file The innermost loop of matrix products, in WebAssembly: its vectors hold two doubles, and so it is four times as
 * fast as the best plain loop.
 */
import {
  type Code,
  END,
  I32_ADD,
  I32_SUB,
  LOOP,
  PAGE,
  REPEAT_UNLESS_0,
  at,
  constant,
  get,
  instantiate,
  set,
  simd,
  tee,
} from "../wasm.ts";

interface Exports {
  readonly tile: (a: number, b: number, count: number, c: number) => void;
}

/** Rows and columns of a tile. */
export const TILE = 4;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

const open = () => instantiate<Exports>({ name: "tile", params: 4, vectors: VECTORS, body: BODY });
let exports: ReturnType<typeof open> | undefined;
const kernel = () => (exports ??= open());

/**
 * At least `length` doubles of the kernel's memory, with whatever they last held. There is one memory, so its content
 * does not outlast the next call.
 */
export function workspace(length: number): Float64Array {
  const { memory } = kernel();
  const missing = length * BYTES - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return new Float64Array(memory.buffer, 0, length);
}

/**
 * C += A' B of panels A and B [count, 4] into a tile C [4, 4], all row-major in the workspace; `a`, `b` and `c` are the
 * positions of their first numbers. Sums are in the order of the rows. A `count` of 0 is not allowed.
 */
export const addTile = (a: number, b: number, count: number, c: number): void =>
  kernel().tile(a * BYTES, b * BYTES, count, c * BYTES);

const loadPair = (offset: number): Code => [simd(0), at(offset)];
const loadTwice = (offset: number): Code => [simd(10), at(offset)];
const storePair = (offset: number): Code => [simd(11), at(offset)];
const ADD_PAIRS = simd(240);
const MULTIPLY_PAIRS = simd(242);

/** Parameters, then vectors: eight sums (row r, half h of C), the two halves of a row of B, a number of A twice. */
const [A, B, COUNT, C] = [0, 1, 2, 3] as const;
const sum = (r: number, h: number): number => 4 + 2 * r + h;
const ofB = (h: number): number => 12 + h;
const OF_A = 14;
const VECTORS = 11;

const HALVES = [0, 1];
const ROWS = [0, 1, 2, 3];
const eachSum = (code: (r: number, h: number) => Code): Code =>
  ROWS.map((r) => HALVES.map((h) => code(r, h)));
const advance = (pointer: number): Code => [
  get(pointer),
  constant(TILE * BYTES),
  I32_ADD,
  set(pointer),
];

const BODY: Code = [
  eachSum((r, h) => [get(C), loadPair(32 * r + 16 * h), set(sum(r, h))]),
  LOOP,
  HALVES.map((h) => [get(B), loadPair(16 * h), set(ofB(h))]),
  ROWS.map((r) => [
    [get(A), loadTwice(8 * r), set(OF_A)],
    HALVES.map((h) => [
      [get(sum(r, h)), get(OF_A), get(ofB(h))],
      [MULTIPLY_PAIRS, ADD_PAIRS, set(sum(r, h))],
    ]),
  ]),
  [advance(A), advance(B)],
  [get(COUNT), constant(1), I32_SUB, tee(COUNT), REPEAT_UNLESS_0],
  END,
  eachSum((r, h) => [get(C), get(sum(r, h)), storePair(32 * r + 16 * h)]),
  END,
];
