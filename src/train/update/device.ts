/** @file Updates where tensors stay on a device: weights, gradients, moments and averages never leave it between steps. */
import type { Engine, Program, Store, Tensor, Tensors } from "../../engine/engine.ts";
import { add, input, mul, param, sqrt, sum, sumKeep } from "../../graph/build.ts";
import { type Node, sizeOf } from "../../graph/node.ts";
import { verify } from "../../graph/verify.ts";
import type { Weights } from "../../model/weights.ts";
import { type Trainee, trainedWeights, withWeights } from "../network.ts";
import type { Objective } from "../objective.ts";
import { type StepGraph, named, scalar, stepGraph } from "../step.ts";
import { startAverage } from "./average.ts";
import { clipFactor } from "./clip-gradients.ts";
import { createLossScaler } from "./loss-scale.ts";
import { type OptimizerConfig, createOptimizer, decayOf, slotsOf } from "./optimizer.ts";
import { updateScalars, updatedNodes } from "./rules.ts";
import { sharesOf } from "./shares.ts";
import type { UpdateSettings, Updater, UpdaterState } from "./updater.ts";

const GRADIENT = "grad:";
const EMA = "ema:";
const LOGIT_SCALE = "logit_scale";

const valuesOf = (tensors: Tensors): Record<string, number> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data[0]!]));
const fed = (scalars: Readonly<Record<string, number>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, scalar(value)]));

/** Fills the tensors of `into` with what the store has under their names. */
async function readInto(
  store: Store,
  into: ReadonlyMap<string, { data: Tensor["data"] }>,
  prefix = "",
): Promise<void> {
  const found = await store.read(Array.from(into.keys(), (name) => prefix + name));
  for (const [name, { data }] of into) data.set(found[prefix + name]!.data);
}

type Outputs = Record<string, Node>;

/** What leaves the gradients of batches of one size in the store. */
interface Backward extends Pick<StepGraph, "feeds"> {
  readonly program: Program;
}

/** Rows first: a device sums them side by side, and short sums round less. */
function sumOfSquares(x: Node): Node {
  const last = x.shape.length - 1;
  return sum(sumKeep(mul(x, x), last > 0 ? [last] : []));
}

/** Gradients into the store, or their sum with what it has; the loss, and the norm of all gradients. */
function backwardGraph({ loss, gradients, state }: StepGraph, summed: boolean): Outputs {
  const [keep, share] = [input("keep", []), input("share", [])];
  const own = Object.entries(gradients).map(([name, gradient]): [string, Node] => {
    const before = param(GRADIENT + name, gradient.shape);
    return [GRADIENT + name, summed ? add(mul(before, keep), mul(gradient, share)) : gradient];
  });
  const squares = own.map(([, g]) => sumOfSquares(g));
  return { loss, norm: sqrt(squares.reduce(add)), ...Object.fromEntries(own), ...state };
}

/** The next weights and moments; the temperature beside them, so that it is looked at. */
function changeGraph(
  { param: weightsOf }: Trainee,
  config: OptimizerConfig,
  parameters: Weights,
): Outputs {
  const scalars = new Map<string, Node>();
  const scalarNode = (name: string): Node => {
    const node = scalars.get(name) ?? input(name, []);
    scalars.set(name, node);
    return node;
  };
  const outputs: Outputs = {};
  for (const [name, { shape }] of parameters) {
    const gradient = mul(param(GRADIENT + name, shape), scalarNode("clip"));
    const names = slotsOf(config).map((slot) => `${slot}.${name}`);
    const { weights, slots } = updatedNodes(config, {
      weights: weightsOf(name),
      gradient,
      slots: names.map((slot) => param(slot, shape)),
      decay: decayOf(config, shape),
      scalar: scalarNode,
    });
    outputs[name] = weights;
    slots.forEach((slot, i) => (outputs[names[i]!] = slot));
    if (name === LOGIT_SCALE) outputs["logit"] = weights;
  }
  return outputs;
}

/** average := decay * average + (1 - decay) * weights */
const averageGraph = ({ param: weightsOf }: Trainee, parameters: Weights, decay: number): Outputs =>
  Object.fromEntries(
    Array.from(parameters, ([name, { shape }]) => [
      EMA + name,
      add(mul(param(EMA + name, shape), decay), mul(weightsOf(name), 1 - decay)),
    ]),
  );

/**
 * Two programs over one store: the first leaves gradients in it and returns their norm and the loss; the second changes
 * weights and moments. @param saved what an updater of the same network remembered.
 */
export async function deviceUpdater<N extends Trainee>(
  engine: Engine,
  network: N,
  objective: Objective<N>,
  settings: UpdateSettings,
  saved: UpdaterState | null,
): Promise<Updater<N>> {
  const { accumulate, clipNorm, ema: decay } = settings;
  const parameters = trainedWeights(network);
  // what is on the host is that of the last `settle`
  const { tensors, step: done } = createOptimizer(
    settings.optimizer,
    parameters,
    saved?.optimizer,
  ).state();
  const ema = decay === null ? null : (saved?.ema ?? startAverage(parameters));
  const scaler = createLossScaler(engine.precision, saved?.lossScale);
  const maxLogit =
    settings.maxLogitScale !== null && parameters.has(LOGIT_SCALE)
      ? Math.log(settings.maxLogitScale)
      : Infinity;
  let step = done;

  const zeros = (): Record<string, Tensor> =>
    Object.fromEntries(
      Array.from(parameters, ([name, { shape }]) => [
        GRADIENT + name,
        { shape, data: new Float32Array(sizeOf(shape)) },
      ]),
    );
  const isScaled = scaler.state() !== null;
  const graph = stepGraph(network, objective, settings.batchSize, isScaled);
  const gradients = backwardGraph(graph, accumulate > 1);
  // a frozen tower that the loss does not ask about stays where it is
  const { feeds } = verify(gradients);
  const needed = [...network.weights].filter(([name]) => feeds.has(name) || parameters.has(name));
  const store = await engine.store({
    ...Object.fromEntries(needed),
    ...Object.fromEntries(tensors),
    ...zeros(),
    ...named(EMA, Object.fromEntries(ema ?? [])),
  });
  const backwards = new Map<number, Backward>();
  const backwardOf = async (rows: number): Promise<Backward> => {
    const known = backwards.get(rows);
    if (known) return known;
    const own = rows === settings.batchSize ? graph : stepGraph(network, objective, rows, isScaled);
    const program = await engine.compile(backwardGraph(own, accumulate > 1), store);
    const backward = { feeds: own.feeds, program };
    backwards.set(rows, backward);
    return backward;
  };
  await backwardOf(settings.batchSize);
  const change = await engine.compile(changeGraph(network, settings.optimizer, parameters), store);
  const average =
    decay === null ? null : await engine.compile(averageGraph(network, parameters, decay), store);
  const remembered: Weights = new Map(
    Object.keys(graph.state).map((name) => [name, network.weights.get(name)!]),
  );

  return {
    kept: ema ? withWeights(network, new Map([...network.weights, ...ema])) : network,
    state: () => ({ optimizer: { step, tensors }, ema, lossScale: scaler.state() }),
    async update(batches, lr, check) {
      const begun = performance.now();
      const scale = scaler.scale();
      let loss = 0;
      let norm = 0;
      for (const [i, { batch, share }] of sharesOf(batches).entries()) {
        const scalars = fed({ share, keep: i === 0 ? 0 : 1 });
        const backward = await backwardOf(batch.weights.length);
        const feeds = { ...backward.feeds(batch, scale), ...scalars };
        const found = valuesOf(await backward.program.run(feeds));
        loss += share * found["loss"]!;
        norm = found["norm"]!;
      }
      const gradNorm = norm / scale;
      const computed = performance.now();
      const seconds = () => ({
        step: (computed - begun) / 1000,
        optimizer: (performance.now() - computed) / 1000,
      });
      // what is not finite would stay so when it is multiplied by 0
      if (accumulate > 1 && !Number.isFinite(norm)) await store.write(zeros());
      if (scaler.skips(loss, gradNorm))
        return { loss, gradNorm, skipped: true, seconds: seconds() };
      check({ loss, gradNorm });
      step++;
      const clip = (clipNorm === null ? 1 : clipFactor(gradNorm, clipNorm)) / scale;
      const { logit } = valuesOf(
        await change.run(fed({ clip, ...updateScalars(settings.optimizer, lr, step) })),
      );
      if (logit !== undefined && logit > maxLogit)
        await store.write({
          [LOGIT_SCALE]: { ...parameters.get(LOGIT_SCALE)!, data: Float32Array.of(maxLogit) },
        });
      await average?.run({});
      return { loss, gradNorm, skipped: false, seconds: seconds() };
    },
    async settle() {
      await readInto(store, parameters);
      await readInto(store, remembered);
      await readInto(store, tensors);
      await readInto(store, ema ?? new Map(), EMA);
    },
    async dispose() {
      for (const { program } of backwards.values()) await program.dispose();
      for (const program of [change, average]) await program?.dispose();
      await store.dispose();
    },
  };
}
