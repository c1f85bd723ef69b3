/**
 * @file The innermost loop of matrix products, in WebAssembly: its vectors hold two doubles, which JavaScript has no
 * way to say, and so it is four times as fast as the best plain loop. The module is assembled here, from a dozen
 * instructions (https://webassembly.github.io/spec/core/binary/), when it is first needed.
 */

/** What is used of the host's WebAssembly, which Node's types leave out. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object) => { readonly exports: object };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly tile: (a: number, b: number, count: number, c: number) => void;
}

/** Rows and columns of a tile. */
export const TILE = 4;
const BYTES = Float64Array.BYTES_PER_ELEMENT;
const PAGE = 65_536;

let exports: Exports | undefined;
const kernel = (): Exports =>
  (exports ??= new WebAssembly.Instance(new WebAssembly.Module(assemble())).exports as Exports);

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

/** Bytes, in parts. */
type Code = number | readonly Code[];
const bytesOf = (code: Code): number[] =>
  typeof code === "number" ? [code] : code.flatMap((part) => bytesOf(part));

/** LEB128. */
const unsigned = (value: number): Code =>
  value < 128 ? value : [(value % 128) + 128, unsigned(Math.floor(value / 128))];
const sized = (code: Code): Code => [unsigned(bytesOf(code).length), code];
const letters = (text: string): Code => [...text].map((letter) => letter.charCodeAt(0));

const I32 = 0x7f;
const V128 = 0x7b;
const LOOP = [0x03, 0x40];
const REPEAT_UNLESS_0 = [0x0d, 0];
const END = 0x0b;
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const tee = (local: number): Code => [0x22, local];
const constant = (value: number): Code => [0x41, value]; // below 64: one byte
const simd = (operation: number): Code => [0xfd, unsigned(operation)];
const at = (offset: number): Code => [3, unsigned(offset)]; // aligned to 2^3 bytes
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

/** One function, of one type, and one memory, of one page at first; both are exported. */
const assemble = (): Uint8Array<ArrayBuffer> => {
  const section = (id: number, items: Code, count = 1): Code => [id, sized([count, items])];
  return Uint8Array.from(
    bytesOf([
      [0, letters("asm"), 1, 0, 0, 0],
      section(1, [0x60, 4, I32, I32, I32, I32, 0]),
      section(3, 0),
      section(5, [0, 1]),
      section(7, [sized(letters("memory")), 2, 0, sized(letters("tile")), 0, 0], 2),
      section(10, sized([1, VECTORS, V128, BODY])),
    ]),
  );
};
