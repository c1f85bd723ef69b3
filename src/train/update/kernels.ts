/** @file The inner loops of updates in WebAssembly's vectors. */
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
} from "../../run/wasm.ts";

/** Arrays are given by where they begin in `memory`, in bytes; `blocks` is how many blocks of each are meant, not 0. */
export interface Kernels {
  readonly memory: Memory;
  /** One step of Adam; names as in `optimizer.ts`. The gradient is times `power` and `scale`; `shrink` * w is taken from w apart from the gradient. */
  adam(
    weights: number,
    gradient: number,
    mean: number,
    square: number,
    blocks: number,
    power: number,
    scale: number,
    l2: number,
    shrink: number,
    fresh1: number,
    fresh2: number,
    rate: number,
    correction: number,
    eps: number,
  ): void;
  /** y := y + by * x */
  add(y: number, x: number, blocks: number, by: number): void;
  /** y := y + by * (x - y) */
  approach(y: number, x: number, blocks: number, by: number): void;
  /** The sum of x * x in float64. */
  squares(x: number, blocks: number): number;
}

/** Numbers in a block: two vectors. */
export const BLOCK = 8;

const V = {
  load: simd(0x00),
  store: simd(0x0b),
  load64: simd(0x5d),
  splat: simd(0x13),
  firstDouble: [simd(0x21), 0],
  secondDouble: [simd(0x21), 1],
  doubles: simd(0x5f),
  sqrt: simd(0xe3),
  add: simd(0xe4),
  sub: simd(0xe5),
  mul: simd(0xe6),
  div: simd(0xe7),
  addDoubles: simd(0xf0),
  mulDoubles: simd(0xf2),
} as const;
const F64_ADD = 0xa0;

const add = (a: Code, b: Code): Code => [a, b, V.add];
const sub = (a: Code, b: Code): Code => [a, b, V.sub];
const mul = (a: Code, b: Code): Code => [a, b, V.mul];
const load = (pointer: number, offset: number): Code => [get(pointer), V.load, at(offset)];
const store = (pointer: number, offset: number, value: Code): Code => [
  [get(pointer), value],
  [V.store, at(offset)],
];

interface Loop {
  readonly name: string;
  readonly arrays: number;
  /** Each is spread over a vector. */
  readonly floats: number;
  /** Vectors it keeps. */
  readonly vectors: number;
  /** What is done with the vectors at an offset into every array. */
  readonly body: (offset: number, locals: Locals) => Code;
  /** What it gives in the end. */
  readonly result?: (locals: Locals) => Code;
}
interface Locals {
  readonly float: (i: number) => Code;
  /** The number of a vector's local. */
  readonly vector: (i: number) => number;
}

const sequence = (count: number, code: (i: number) => Code): Code =>
  Array.from({ length: count }, (_, i) => code(i));

/** A function that goes through arrays block by block; the arrays are its first locals. */
function overBlocks({ name, arrays, floats, vectors, body, result }: Loop) {
  const blocks = arrays;
  const spread = blocks + 1 + floats;
  const locals: Locals = {
    float: (i) => get(spread + i),
    vector: (i) => spread + floats + i,
  };
  return {
    name,
    params: arrays + 1,
    floats,
    vectors: floats + vectors,
    ...(result && { result: "f64" as const }),
    body: [
      sequence(floats, (i) => [get(blocks + 1 + i), V.splat, set(spread + i)]),
      LOOP,
      [body(0, locals), body(16, locals)],
      sequence(arrays, (array) => [get(array), constant(4 * BLOCK), I32_ADD, set(array)]),
      [get(blocks), constant(1), I32_SUB, tee(blocks), REPEAT_UNLESS_0],
      END,
      result?.(locals) ?? [],
      END,
    ],
  };
}

const adam = overBlocks({
  name: "adam",
  arrays: 4,
  floats: 9,
  vectors: 4,
  body: (offset, { float, vector }) => {
    const [w, g, m, v] = [0, 1, 2, 3] as const;
    const [power, scale, l2, shrink] = [float(0), float(1), float(2), float(3)];
    const [fresh1, fresh2, rate] = [float(4), float(5), float(6)];
    const [correction, eps] = [float(7), float(8)];
    const [weight, gradient, mean, square] = [vector(0), vector(1), vector(2), vector(3)];
    const moved = (array: number, kept: number, to: Code, by: Code): Code => [
      [load(array, offset), set(kept)],
      store(array, offset, [add(get(kept), mul(by, sub(to, get(kept)))), tee(kept)]),
    ];
    const root = add(mul([get(square), V.sqrt], correction), eps);
    const step: Code = [mul(rate, get(mean)), root, V.div];
    return [
      [load(w, offset), set(weight)],
      [add(mul(mul(load(g, offset), power), scale), mul(l2, get(weight))), set(gradient)],
      moved(m, mean, get(gradient), fresh1),
      moved(v, square, mul(get(gradient), get(gradient)), fresh2),
      // all that is taken away is summed first: 1 - shrink would keep few digits of a small one
      store(w, offset, sub(get(weight), add(step, mul(shrink, get(weight))))),
    ];
  },
});

const added = overBlocks({
  name: "add",
  arrays: 2,
  floats: 1,
  vectors: 0,
  body: (offset, { float }) =>
    store(0, offset, add(load(0, offset), mul(float(0), load(1, offset)))),
});

const approach = overBlocks({
  name: "approach",
  arrays: 2,
  floats: 1,
  vectors: 1,
  body: (offset, { float, vector }) => {
    const y = get(vector(0));
    return [
      [load(0, offset), set(vector(0))],
      store(0, offset, add(y, mul(float(0), sub(load(1, offset), y)))),
    ];
  },
});

const squares = overBlocks({
  name: "squares",
  arrays: 1,
  floats: 0,
  vectors: 5,
  body: (offset, { vector }) =>
    [offset, offset + 8].map((pair) => {
      // four sums: independent additions overlap in the processor
      const sum = vector(pair / 8);
      return [
        [get(0), V.load64, at(pair), V.doubles, tee(vector(4)), get(vector(4)), V.mulDoubles],
        [get(sum), V.addDoubles, set(sum)],
      ];
    }),
  result: ({ vector }) => [
    [get(vector(0)), get(vector(1)), V.addDoubles],
    [get(vector(2)), get(vector(3)), V.addDoubles, V.addDoubles, tee(vector(4))],
    [V.firstDouble, get(vector(4)), V.secondDouble, F64_ADD],
  ],
});

/** Kernels with a memory of their own, of one page. */
export const kernels = (): Kernels =>
  instantiate<Omit<Kernels, "memory">>(adam, added, approach, squares);
