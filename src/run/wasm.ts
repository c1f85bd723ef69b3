/**
 * @file WebAssembly modules put together from instructions, for the few inner loops that need its vectors, which
 * JavaScript has no way to say (https://webassembly.github.io/spec/core/binary/).
 */

/** What is used of the host's WebAssembly, which Node's types leave out. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object) => { readonly exports: object };
};

export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
/** Bytes of a page of memory. */
export const PAGE = 65_536;

/** Bytes, in parts. */
export type Code = number | readonly Code[];
const bytesOf = (code: Code): number[] =>
  typeof code === "number" ? [code] : code.flatMap((part) => bytesOf(part));

/** LEB128. */
const unsigned = (value: number): Code =>
  value < 128 ? value : [(value % 128) + 128, unsigned(Math.floor(value / 128))];
const sized = (code: Code): Code => [unsigned(bytesOf(code).length), code];
const letters = (text: string): Code => [...text].map((letter) => letter.charCodeAt(0));

const I32 = 0x7f;
const F32 = 0x7d;
const F64 = 0x7c;
const V128 = 0x7b;
export const LOOP = [0x03, 0x40];
export const REPEAT_UNLESS_0 = [0x0d, 0];
export const END = 0x0b;
export const I32_LOAD = 0x28;
export const I32_LESS = 0x49; // unsigned
export const I32_ADD = 0x6a;
export const I32_SUB = 0x6b;
export const get = (local: number): Code => [0x20, local];
export const set = (local: number): Code => [0x21, local];
export const tee = (local: number): Code => [0x22, local];
/** Of 0 to 63. */
export const constant = (value: number): Code => [0x41, value];
export const simd = (operation: number): Code => [0xfd, unsigned(operation)];
/** Where a load or store looks, aligned to 2^power bytes. */
export const at = (offset: number, power = 3): Code => [power, unsigned(offset)];

/** A function of 32-bit numbers. */
export interface Function {
  readonly name: string;
  /** How many integers it takes. */
  readonly params: number;
  /** How many floats it takes after them. */
  readonly floats?: number;
  /** What it gives: nothing, or a float of 64 bits. */
  readonly result?: "f64";
  /** Further 32-bit numbers it keeps, numbered after its parameters. */
  readonly numbers?: number;
  /** Vectors it keeps, numbered after its numbers. */
  readonly vectors: number;
  readonly body: Code;
}

/** The exports of a module: its functions, and their memory, which is of one page at first. */
export function instantiate<E extends object>(
  ...functions: readonly Function[]
): E & { readonly memory: Memory } {
  const section = (id: number, items: readonly Code[]): Code => [id, sized([items.length, items])];
  const module = [
    [0, letters("asm"), 1, 0, 0, 0],
    section(
      1,
      functions.map(({ params, floats = 0, result }) => [
        [0x60, params + floats, Array<Code>(params).fill(I32), Array<Code>(floats).fill(F32)],
        result ? [1, F64] : 0,
      ]),
    ),
    section(
      3,
      functions.map((_, i) => i),
    ),
    section(5, [[0, 1]]),
    section(7, [
      [sized(letters("memory")), 2, 0],
      ...functions.map(({ name }, i) => [sized(letters(name)), 0, i]),
    ]),
    section(
      10,
      functions.map(({ numbers = 0, vectors, body }) =>
        sized([2, numbers, I32, vectors, V128, body]),
      ),
    ),
  ];
  const bytes = Uint8Array.from(bytesOf(module));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as E & {
    readonly memory: Memory;
  };
}
