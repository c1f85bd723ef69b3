/** @file A batch of made-up logits and groups, and terms evaluated on it with their gradients. */
import type { Engine, Tensor, Tensors } from "../../../src/engine/engine.ts";
import { reference } from "../../../src/engine/reference.ts";
import { grad } from "../../../src/graph/autodiff.ts";
import { input, param } from "../../../src/graph/build.ts";
import type { Node } from "../../../src/graph/node.ts";
import { initialize } from "../../../src/model/param-spec.ts";
import { random } from "../../../src/run/random.ts";
import type { Groups, LossTerm } from "../../../src/train/fairness/term.ts";
import { classTargets } from "../../../src/train/targets.ts";

/** Rows with their true classes, groups (-1: unknown) and weights. */
export interface Rows {
  readonly classes: number;
  readonly truth: Int32Array;
  readonly groups: Groups;
  readonly weights: Float32Array;
  /** [B, classes] */
  readonly logits: Float64Array;
}

/** Sixteen rows, all classes in groups 0 and 1, class 0 alone in group 2; one row has no group and one no weight. */
export function madeUp(classes: number, seed = 0): Rows {
  const stream = random("terms", classes, seed);
  const codes = Int32Array.from({ length: 16 }, (_, i) => (i < 12 ? i % 2 : i < 14 ? 2 : -1));
  codes[15] = 1;
  return {
    classes,
    truth: Int32Array.from({ length: 16 }, (_, i) => (i < 12 ? (i >> 1) % classes : 0)),
    groups: { codes, count: 3 },
    weights: Float32Array.from({ length: 16 }, (_, i) => (i === 15 ? 0 : 0.5 + stream.uniform())),
    logits: Float64Array.from({ length: 16 * classes }, () => 1.5 * stream.normal()),
  };
}

export interface Evaluated {
  readonly value: number;
  /** By what the term's value depends on: `logits`, and its own parameters. */
  readonly gradients: Readonly<Record<string, Tensor>>;
  readonly state: Readonly<Record<string, Tensor>>;
}

/** A term on rows, compiled: evaluated at other logits, parameters or state by `at`. */
export async function compiled(engine: Engine, term: LossTerm, rows: Rows) {
  const { classes, truth, weights, logits } = rows;
  const batch = truth.length;
  const nodes = new Map<string, Node>();
  const start: Record<string, Tensor> = {
    logits: { shape: [batch, classes], data: logits },
    ...Object.fromEntries(initialize([...term.params, ...term.state], 7)),
  };
  const node = (name: string): Node => {
    const known = nodes.get(name) ?? param(name, start[name]!.shape);
    nodes.set(name, known);
    return known;
  };
  const loss = term.loss({
    logits: node("logits"),
    targets: input("targets", [batch, classes]),
    weights: input("weights", [batch]),
    param: node,
  });
  const names = ["logits", ...term.params.map(({ name }) => name)];
  const gradients = grad(loss.value, names.map(node));
  const program = await engine.compile({
    value: loss.value,
    ...Object.fromEntries(names.map((name, i) => [`d.${name}`, gradients[i]!])),
    ...loss.state,
  });
  const feeds: Tensors = {
    ...term.feeds([...truth.keys()], weights),
    targets: { shape: [batch, classes], data: classTargets(truth, classes) },
    weights: { shape: [batch], data: weights },
  };
  const fit = ({ shape, data }: Tensor): Tensor => ({
    shape,
    data: engine === reference ? Float64Array.from(data) : Float32Array.from(data),
  });
  const at = async (moved: Tensors = {}): Promise<Evaluated> => {
    const fed = Object.entries({ ...start, ...moved }).map(([name, t]) => [name, fit(t)]);
    const found = await program.run({ ...feeds, ...Object.fromEntries(fed) });
    return {
      value: found["value"]!.data[0]!,
      gradients: Object.fromEntries(names.map((name) => [name, found[`d.${name}`]!])),
      state: Object.fromEntries(Object.keys(loss.state).map((name) => [name, found[name]!])),
    };
  };
  return { at, start, names };
}

const STEP = 1e-5;

/** Slopes of the value along each element of a tensor, in float64. */
export async function slopes(
  { at, start }: Awaited<ReturnType<typeof compiled>>,
  name: string,
  fixed: Tensors = {},
): Promise<number[]> {
  const { shape, data } = start[name]!;
  const value = async (i: number, step: number): Promise<number> => {
    const moved = Float64Array.from(data);
    moved[i]! += step;
    return (await at({ ...fixed, [name]: { shape, data: moved } })).value;
  };
  const found: number[] = [];
  for (let i = 0; i < data.length; i++)
    found.push(((await value(i, STEP)) - (await value(i, -STEP))) / (2 * STEP));
  return found;
}
