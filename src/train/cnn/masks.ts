/** @file Dropout masks, drawn on the host: the same for the same place of a run, on every engine and after a resume. */
import type { Tensor } from "../../engine/engine.ts";
import { sizeOf } from "../../graph/node.ts";
import { random } from "../../run/random.ts";
import type { CnnConfig } from "../../model/cnn/config.ts";
import type { DropoutMask } from "../../model/cnn/graph.ts";
import { type Placed, placeCnn } from "../../model/cnn/shapes.ts";
import type { Place } from "../objective.ts";

const ofLayer = ({ layer, from, body, shortcut }: Placed): readonly DropoutMask[] =>
  layer.kind === "dropout" && layer.rate > 0
    ? [{ name: layer.name, shape: from, rate: layer.rate }]
    : [...body, ...shortcut].flatMap(ofLayer);

/** The masks of one image. */
export function masksOf(config: CnnConfig): readonly DropoutMask[] {
  const { trunk, heads } = placeCnn(config);
  return [trunk, ...Object.values(heads)].flat().flatMap(ofLayer);
}

const WORDS = 2 ** 32;

/**
 * Each value is 0 with probability `rate`, else 1 / (1 - rate). Millions are drawn in every step, so by Marsaglia's
 * xorshift128 (2003) from a start of the place's own stream.
 */
export function drawMask({ name, shape, rate }: DropoutMask, seed: number, place: Place): Tensor {
  const stream = random(seed, "dropout", name, place.epoch, place.batch);
  let [x, y, z, w] = [
    stream.int(WORDS) | 1,
    stream.int(WORDS),
    stream.int(WORDS),
    stream.int(WORDS),
  ];
  const data = new Float32Array(sizeOf(shape));
  const kept = 1 / (1 - rate);
  const dropped = rate * WORDS;
  for (let i = 0; i < data.length; i++) {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    data[i] = w >>> 0 < dropped ? 0 : kept;
  }
  return { shape, data };
}
