/** @file Our side of AdamW: `equiclip_side.js SHAPES`, the shape of every tensor by name as JSON. */
import { sizeOf, type Shape } from "../../src/graph/node.ts";
import { arraysOf } from "../../src/train/update/arrays.ts";
import { createOptimizer } from "../../src/train/update/optimizer.ts";
import type { Clock } from "../lib/comparison.ts";
import { secondsOf } from "../lib/rounds.ts";
import { serve } from "../lib/serve.ts";

const shapes = JSON.parse(process.argv[2]!) as Record<string, Shape>;
const LEARNING_RATE = 1e-3;

/** Of the same numbers on both sides: every tensor starts at 0 and has gradients of k / 64, k from -32 to 31. */
const gradient = (i: number): number => ((i % 64) - 32) / 64;

const lengths = new Map(Object.entries(shapes).map(([name, shape]) => [name, sizeOf(shape)]));
/** Where training keeps its arrays: a weight, its gradient and two moments each. */
const take = arraysOf(lengths, 4);
const parameters = new Map(
  Object.entries(shapes).map(([name, shape]) => [name, { shape, data: take(name) }]),
);
const gradients = new Map(
  [...lengths].map(([name, length]) => {
    const values = take(name);
    for (let i = 0; i < length; i++) values[i] = gradient(i);
    return [name, values];
  }),
);
const optimizer = createOptimizer(
  {
    name: "adamw",
    beta1: 0.9,
    beta2: 0.98,
    eps: 1e-6,
    weightDecay: 0.2,
    decay: "all",
  },
  parameters,
  undefined,
  take,
);
const update = (): void => optimizer.update(gradients, LEARNING_RATE);
let updates = 0;

await serve({
  /** The first numbers of every tensor after that many updates in all. */
  values: ({ after }: { after: number }) => {
    for (; updates < after; updates++) update();
    return Object.fromEntries(
      [...parameters].map(([name, { data }]) => [name, [...data.subarray(0, 64)]]),
    );
  },
  update: ({ clock, fill }: { clock: Clock; fill: number }) => secondsOf(update, clock, fill),
});
