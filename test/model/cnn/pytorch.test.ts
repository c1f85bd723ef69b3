/** @file Thin versions of every architecture against PyTorch: outputs, running statistics, gradients; see the script beside the golden. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Engine, Tensor } from "../../../src/engine/engine.ts";
import { onnxEngine } from "../../../src/engine/onnx/engine.ts";
import { reference } from "../../../src/engine/reference.ts";
import { grad } from "../../../src/graph/autodiff.ts";
import { add, constant, input, mul, sum } from "../../../src/graph/build.ts";
import { type Node, type Shape, sizeOf } from "../../../src/graph/node.ts";
import { type ArchitectureName, ARCHITECTURE_NAMES } from "../../../src/model/cnn/architectures.ts";
import { type DropoutMask, cnnGraph, penalty } from "../../../src/model/cnn/graph.ts";
import { cnnConfig } from "../../../src/model/cnn/model.ts";
import { cnnBuffers, cnnParams } from "../../../src/model/cnn/params.ts";
import { readSafetensors } from "../../../src/model/safetensors.ts";
import { python } from "../../golden.ts";
import { nodesOf, pixelsOf, thin } from "./tiny.ts";

const BATCH = 3;
const folder = join(import.meta.dirname, "..", "..", "golden");
const golden = await readSafetensors(join(folder, "cnn_architectures.safetensors"));

/** Side of the images, and what channels and units are divided by: the script's. */
const THIN: { readonly [A in ArchitectureName]: readonly [size: number, divisor: number] } = {
  ward: [30, 16],
  serawan: [32, 64],
  tripathi: [17, 32],
  aghav: [18, 8],
  plain48: [16, 32],
  small: [33, 32],
  resnet18: [40, 64],
  "resnet18-small": [12, 64],
};

/** The script's `drawn`: in [-0.5, 0.5). */
function drawn(name: string, count: number): number[] {
  const start = [...name].reduce((total, c, i) => total + (i + 1) * c.charCodeAt(0), 0);
  return Array.from({ length: count }, (_, i) => ((i * 7919 + start * 53) % 1009) / 1009 - 0.5);
}
const tensor = (name: string, shape: Shape, scale = 1, offset = 0): Tensor => ({
  shape,
  data: Float32Array.from(drawn(name, sizeOf(shape)), (v) => offset + scale * v),
});
function filled(name: string, shape: Shape): Tensor {
  if (shape.length > 1) return tensor(name, shape, 4 / Math.sqrt(sizeOf(shape.slice(1))));
  return tensor(name, shape, 0.5, /running_var$|weight$/.test(name) ? 1 : 0.4);
}
const maskOf = ({ name, shape, rate }: DropoutMask): Tensor => ({
  shape,
  data: Float32Array.from(drawn(name, sizeOf(shape)), (v) => (v + 0.5 < rate ? 0 : 1 / (1 - rate))),
});

/** All that the script writes of an architecture, by its names. */
async function ours(architecture: ArchitectureName, engine: Engine) {
  const [size, divisor] = THIN[architecture];
  const config = thin(cnnConfig({ architecture, size }), divisor);
  const params = nodesOf(config);
  const pixels = pixelsOf(config, BATCH);
  const feeds: Record<string, Tensor> = { pixels: tensor("pixels", pixels.shape, 1, 0.5) };
  for (const { name, shape } of [...cnnParams(config), ...cnnBuffers(config)])
    feeds[name] = filled(name, shape);
  const evaluation = cnnGraph(config, params, pixels, { kind: "eval" });
  const training = cnnGraph(config, params, pixels, {
    kind: "train",
    mask: (mask) => {
      feeds[`mask:${mask.name}`] = maskOf(mask);
      return input(`mask:${mask.name}`, mask.shape);
    },
  });
  const outputs: Record<string, Node> = {};
  let loss = penalty(config, params) ?? constant(0);
  for (const [head, z] of Object.entries(evaluation.outputs)) outputs[`eval.${head}`] = z;
  for (const [head, z] of Object.entries(training.outputs)) {
    outputs[`train.${head}`] = z;
    const slopes = [...tensor(`loss.${head}`, z.shape).data];
    loss = add(loss, sum(mul(z, constant(slopes, z.shape))));
  }
  for (const [name, value] of Object.entries(training.state)) outputs[`state.${name}`] = value;
  const names = cnnParams(config).map(({ name }) => name);
  grad(loss, names.map(params)).forEach((node, i) => (outputs[`grad.${names[i]!}`] = node));
  const program = await engine.compile(outputs);
  const found = await program.run(feeds);
  await program.dispose();
  return found;
}

/** The golden is stored in 32 bits; the other engine computes in them, too. */
const ENGINES: readonly (readonly [Engine, number])[] = [
  [reference, 2e-7],
  [onnxEngine({ threads: 1 }), 2e-5],
];

describe.each(ENGINES)("$name", (engine, tolerance) => {
  test.each(ARCHITECTURE_NAMES)("%s is PyTorch's", async (architecture) => {
    const expected = [...golden].flatMap(([key, value]) =>
      key.startsWith(`${architecture}/`) ? [[key.split("/")[1]!, value] as const] : [],
    );
    const found = await ours(architecture, engine);
    expect(Object.keys(found).toSorted()).toEqual(expected.map(([name]) => name).toSorted());
    for (const [name, { shape, data: stored }] of expected) {
      const data = Float64Array.from(stored);
      expect(found[name]!.shape, name).toEqual(shape);
      const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
      const worst = data.reduce(
        (most, x, i) => Math.max(most, Math.abs(x - found[name]!.data[i]!)),
        0,
      );
      expect(worst / largest, `${architecture} ${name}`).toBeLessThan(tolerance);
    }
  });
});

test.skipIf(python === undefined)("the script writes the golden again", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "equiclip-golden-"));
  const out = join(scratch, "out.safetensors");
  execFileSync(python!, [join(folder, "cnn_architectures.py"), out], { stdio: "pipe" });
  const made = await readSafetensors(out);
  rmSync(scratch, { recursive: true });
  expect([...made.keys()].toSorted()).toEqual([...golden.keys()].toSorted());
  for (const [name, { data }] of made) {
    const kept = golden.get(name)!.data;
    // another build of PyTorch may sum in another order
    data.forEach((x, i) =>
      expect(Math.abs(x - kept[i]!), name).toBeLessThan(1e-6 * (1 + Math.abs(x))),
    );
  }
});
