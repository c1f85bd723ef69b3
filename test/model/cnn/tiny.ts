/** @file Small networks with every kind of layer, and a way to run them. */
import type { Tensors } from "../../../src/engine/engine.ts";
import { reference } from "../../../src/engine/reference.ts";
import { input, param } from "../../../src/graph/build.ts";
import type { Node } from "../../../src/graph/node.ts";
import { type HeadTarget, classes, number } from "../../../src/model/cnn/architectures.ts";
import type { CnnConfig } from "../../../src/model/cnn/config.ts";
import type { CnnMode } from "../../../src/model/cnn/graph.ts";
import type { Layer } from "../../../src/model/cnn/layers.ts";
import { type CnnOptions, type CnnModel, cnnModel } from "../../../src/model/cnn/model.ts";
import { cnnBuffers, cnnParams } from "../../../src/model/cnn/params.ts";
import { random } from "../../../src/run/random.ts";

/** Parameters and buffers as nodes, each made once. */
export function nodesOf(config: CnnConfig): (name: string) => Node {
  const specs = [...cnnParams(config), ...cnnBuffers(config)];
  const nodes = new Map(specs.map(({ name, shape }) => [name, param(name, shape)]));
  return (name) => {
    const node = nodes.get(name);
    if (!node) throw new Error(`no parameter ${name}`);
    return node;
  };
}

/** Masks are inputs, `mask:LAYER`. */
export const trainMode: Extract<CnnMode, { kind: "train" }> = {
  kind: "train",
  mask: ({ name, shape }) => input(`mask:${name}`, shape),
};

const thinLayer =
  (divisor: number) =>
  (layer: Layer): Layer => {
    const part = (count: number): number => Math.max(2, Math.ceil(count / divisor));
    if (layer.kind === "conv") return { ...layer, filters: part(layer.filters) };
    if (layer.kind === "dense" && layer.units > 8) return { ...layer, units: part(layer.units) };
    if (layer.kind !== "residual") return layer;
    const thin = thinLayer(divisor);
    return { ...layer, body: layer.body.map(thin), shortcut: layer.shortcut.map(thin) };
  };

/** The same layers with a fraction of the channels and units. */
export function thin(config: CnnConfig, divisor: number): CnnConfig {
  const thinned = thinLayer(divisor);
  return {
    ...config,
    trunk: config.trunk.map(thinned),
    heads: Object.fromEntries(
      Object.entries(config.heads).map(([name, head]) => [
        name,
        { ...head, layers: head.layers.map(thinned) },
      ]),
    ),
  };
}

/** A model of a thinned architecture with every number drawn anew, so that no bias is zero and no gain is one. */
export function thinModel(options: CnnOptions, divisor: number): CnnModel {
  const whole = cnnModel({ ...options, architecture: options.architecture });
  const config = thin(whole.config, divisor);
  const stream = random(7, "thin", options.architecture);
  const weights = new Map(
    [...cnnParams(config), ...cnnBuffers(config)].map(({ name, shape }) => {
      const size = shape.reduce((product, d) => product * d, 1);
      const base = /running_var|bn\d?\.weight|downsample\.1\.weight/.test(name) ? 1 : 0;
      const spread = base === 1 ? 0.2 : 0.3;
      return [
        name,
        {
          shape,
          data: Float32Array.from({ length: size }, () => base + spread * stream.uniform(-1, 1)),
        },
      ];
    }),
  );
  return { ...whole, config, weights };
}

export const pixelsOf = (config: CnnConfig, batch: number): Node =>
  input("pixels", [batch, config.input.channels, config.input.size, config.input.size]);

/** Uniform numbers for the pixels of a batch. */
export function drawnPixels({ input: { size, channels } }: CnnConfig, batch: number) {
  const stream = random(8, "pixels");
  const shape = [batch, channels, size, size];
  return {
    shape,
    data: Float32Array.from({ length: batch * channels * size * size }, () => stream.uniform()),
  };
}

/** What some nodes are, in 64 bits. */
export async function evaluate(
  outputs: Readonly<Record<string, Node>>,
  { weights }: Pick<CnnModel, "weights">,
  feeds: Tensors,
): Promise<Record<string, number[]>> {
  const program = await reference.compile(outputs);
  const results = await program.run({ ...Object.fromEntries(weights), ...feeds });
  await program.dispose();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, [...data]]));
}

export const twoHeads: Readonly<Record<string, HeadTarget>> = {
  age: number(116),
  gender: classes(2),
};
