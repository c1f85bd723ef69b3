/** @file Float32 numbers of a file: what sides hand each other. */
import { readFileSync } from "node:fs";

export function readNumbers(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
