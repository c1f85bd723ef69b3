/** @file TensorFlow.js as npm installs it everywhere: plain JavaScript and WebAssembly. */
import { expect, test } from "vitest";
import { tfjsEngine } from "../../src/engine/tfjs/engine.ts";
import * as g from "../../src/graph/build.ts";
import { type Convolution, type Node, sizeOf } from "../../src/graph/node.ts";
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

test("windows that lie in the padding alone have a gradient of 0, not what lay in memory", async () => {
  const engine = await tfjsEngine("tfjs-wasm");
  const attrs: Convolution = { stride: [1, 3], padding: [0, 2, 2, 0], dilation: [1, 1], groups: 1 };
  const [x, w] = [g.param("x", [2, 2, 2, 2]), g.param("w", [2, 2, 1, 2])];
  const dirty = g.add(x, 7);
  const dx = g.conv2dInputGrad(g.conv2d(dirty, w, null, attrs), w, attrs, [2, 2]);
  const program = await engine.compile({
    dx,
    ...Object.fromEntries([1, 2, 3].map((i) => [`dirty${i}`, g.mul(dirty, i)])),
  });
  const ones = ({ shape }: Node) => ({ shape, data: new Float32Array(sizeOf(shape)).fill(1) });
  for (let i = 0; i < 3; i++) {
    const found = await program.run({ x: ones(x), w: ones(w) });
    expect([...found["dx"]!.data]).toEqual(Array<number>(16).fill(0));
  }
  await program.dispose();
});
