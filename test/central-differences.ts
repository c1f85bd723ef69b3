/** @file Slopes of a loss by its own values, which gradients are measured by. */
import type { Tensor, Tensors } from "../src/engine/engine.ts";
import { reference } from "../src/engine/reference.ts";
import type { Node } from "../src/graph/node.ts";

const STEP = 1e-5;

/** The slope of a scalar by every element of a feed, in float64; feeds should be float64, too. */
export async function centralDifferences(
  loss: Node,
  name: string,
  feeds: Tensors,
): Promise<Tensor> {
  const program = await reference.compile({ loss });
  const { shape, data } = feeds[name]!;
  const at = async (i: number, step: number): Promise<number> => {
    const moved = Float64Array.from(data);
    moved[i]! += step;
    return (await program.run({ ...feeds, [name]: { shape, data: moved } }))["loss"]!.data[0]!;
  };
  const slopes: number[] = [];
  for (let i = 0; i < data.length; i++)
    slopes.push(((await at(i, STEP)) - (await at(i, -STEP))) / (2 * STEP));
  return { shape, data: Float64Array.from(slopes) };
}
