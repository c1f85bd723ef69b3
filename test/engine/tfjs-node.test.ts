/** @file TensorFlow.js on native TensorFlow, where test/tfjs-node.sh has built it. */
import { expect, test } from "vitest";
import { tfjsEngine } from "../../src/engine/tfjs/engine.ts";
import * as g from "../../src/graph/build.ts";
import { runTfjsSuite } from "./tfjs.suite.ts";

const from = process.env["EQUICLIP_TFJS_NODE"];

test.skipIf(from === undefined)("EQUICLIP_TFJS_NODE has native TensorFlow", async () => {
  expect((await tfjsEngine("tfjs-node", { from })).name).toBe("tfjs-node");
});

if (from !== undefined) {
  runTfjsSuite(await tfjsEngine("tfjs-node", { from }));

  test("too little memory is called so", async () => {
    const engine = await tfjsEngine("tfjs-node", { from });
    const total = g.sum(g.exp(g.broadcast(g.param("x", [1]), [2 ** 20, 2 ** 20])));
    const program = await engine.compile({ total });
    await expect(program.run({ x: { shape: [1], data: Float32Array.of(1) } })).rejects.toThrow(
      /^tfjs-node: Tile failed: out of memory: .*OOM/,
    );
    await program.dispose();
  });

  test("its package for GPUs does not pass for it", async () => {
    await expect(tfjsEngine("tfjs-node-gpu", { from })).rejects.toThrow("not installed");
  });
}
