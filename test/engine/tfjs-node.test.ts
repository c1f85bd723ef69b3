/** @file TensorFlow.js on native TensorFlow, where test/tfjs-node.sh has built it. */
import { expect, test } from "vitest";
import { tfjsEngine } from "../../src/engine/tfjs/engine.ts";
import { runTfjsSuite } from "./tfjs.suite.ts";

const from = process.env["EQUICLIP_TFJS_NODE"];

if (from === undefined) test.skip("tfjs-node (needs EQUICLIP_TFJS_NODE)", () => {});
else {
  runTfjsSuite(await tfjsEngine("tfjs-node", { from }));

  test("its package for GPUs does not pass for it", async () => {
    await expect(tfjsEngine("tfjs-node-gpu", { from })).rejects.toThrow("not installed");
  });
}
