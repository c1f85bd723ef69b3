/** @file Run as a program: prints a hash of every bit of a block's loss and gradients on the ONNX engine. */
import { createHash } from "node:crypto";
import type { Tensor } from "../../src/engine/engine.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { block } from "./block.ts";

const { outputs, feeds } = block(37, 16, 64, 4);

const hashOf = (results: Readonly<Record<string, Tensor>>): string => {
  const hash = createHash("sha256");
  for (const { data } of Object.values(results))
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
};
export async function hashes(runs: number): Promise<string[]> {
  const program = await onnxEngine({ threads: 2 }).compile(outputs);
  const found: string[] = [];
  for (let i = 0; i < runs; i++) found.push(hashOf(await program.run(feeds)));
  await program.dispose();
  return found;
}

if (process.argv[1] === import.meta.filename) console.log((await hashes(1))[0]);
