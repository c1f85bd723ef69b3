/** @file TensorFlow.js as npm installs it everywhere: plain JavaScript and WebAssembly. */
import { expect, test } from "vitest";
import { tfjsEngine } from "../../src/engine/tfjs/engine.ts";
import * as g from "../../src/graph/build.ts";
import { runTfjsSuite } from "./tfjs.suite.ts";

runTfjsSuite(await tfjsEngine("tfjs-cpu"));
runTfjsSuite(await tfjsEngine("tfjs-wasm"));

test("memory that WebAssembly cannot give is an error, not a wrong number", async () => {
  const engine = await tfjsEngine("tfjs-wasm");
  const total = g.sum(g.exp(g.broadcast(g.param("x", [1]), [2 ** 15, 2 ** 15])));
  const program = await engine.compile({ total });
  await expect(program.run({ x: { shape: [1], data: Float32Array.of(1) } })).rejects.toThrow(
    "tfjs-wasm: Tile failed: out of memory for 4294967296 bytes",
  );
  await program.dispose();
});
