/** @file Arrays that the kernels of updates reach: in memories of WebAssembly, which engines read and write in place. */
import { PAGE } from "../../run/wasm.ts";
import { BLOCK, type Kernels, kernels } from "./kernels.ts";

export type Values = Float32Array | Float64Array;

/** Arrays begin at multiples of this: a line of the processor's cache. */
const LINE = 64;
const bytesOf = (length: number): number => Math.ceil((4 * length) / LINE) * LINE;
/** A memory has 32-bit addresses; its first page is there from the start, and stays unused. */
const MOST_BYTES = 2 ** 32 - 2 * PAGE;

const owners = new WeakMap<ArrayBufferLike, Kernels>();

/** A memory of `bytes` beyond its first page. It never grows again: that would take its arrays away. */
function open(bytes: number): ArrayBuffer {
  const owner = kernels();
  owner.memory.grow(Math.ceil(bytes / PAGE));
  owners.set(owner.memory.buffer, owner);
  return owner.memory.buffer;
}

/**
 * `count` arrays of zeros under each name, of the length given for it, all of a name in one memory.
 * Returns what hands them out one by one.
 */
export function arraysOf(
  lengths: ReadonlyMap<string, number>,
  count: number,
): (name: string) => Float32Array {
  const memories: { names: [string, number][]; bytes: number }[] = [];
  for (const [name, length] of lengths) {
    const bytes = count * bytesOf(length);
    const last = memories.at(-1);
    if (last && last.bytes + bytes <= MOST_BYTES) {
      last.names.push([name, length]);
      last.bytes += bytes;
    } else memories.push({ names: [[name, length]], bytes });
  }
  const arrays = new Map<string, Float32Array[]>();
  for (const { names, bytes } of memories) {
    // one that no memory can hold gets plain arrays, and plain loops
    const buffer = bytes <= MOST_BYTES ? open(bytes) : null;
    let offset = PAGE;
    for (const [name, length] of names)
      arrays.set(
        name,
        Array.from({ length: count }, () => {
          const array = buffer
            ? new Float32Array(buffer, offset, length)
            : new Float32Array(length);
          offset += bytesOf(length);
          return array;
        }),
      );
  }
  return (name) => arrays.get(name)!.shift()!;
}

/**
 * Lets `work` go through the whole blocks of arrays of one length when they lie in one memory.
 * Returns how many numbers it saw, from the first on: those behind are left to a plain loop, and so are all elsewhere.
 */
export function inBlocks<const A extends readonly Values[]>(
  arrays: A,
  work: (
    kernels: Kernels,
    blocks: number,
    ...positions: { readonly [I in keyof A]: number }
  ) => void,
): number {
  const { buffer, length } = arrays[0]!;
  const owner = owners.get(buffer);
  const blocks = Math.floor(length / BLOCK);
  if (!owner || blocks === 0 || !arrays.every((array) => array.buffer === buffer)) return 0;
  const positions = arrays.map(({ byteOffset }) => byteOffset);
  work(owner, blocks, ...(positions as { [I in keyof A]: number }));
  return blocks * BLOCK;
}
