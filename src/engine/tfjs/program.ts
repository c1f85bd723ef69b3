/** @file A plan made ready to run on a backend: nothing is left to do in a run but its kernels. */
import type { NamedTensorMap, Tensor as TfTensor } from "@tensorflow/tfjs-core";
import type { Node } from "../../graph/node.ts";
import type { VerifiedGraph } from "../../graph/verify.ts";
import { EquiclipError, messageOf } from "../../run/errors.ts";
import type { Program, Tensor, Tensors } from "../engine.ts";
import { checkInto, checkedFeeds } from "../feeds.ts";
import type { Backend } from "./backend.ts";
import type { Inputs, Plan, Step, Value } from "./plan.ts";
import { type TfjsStore, toTf, valuesOf } from "./store.ts";

/** TensorFlow's words and its status for too little memory, which it does not call so. */
const OUT_OF_MEMORY = /\bOOM\b|TF_Status: 8\b/;

function failure({ name }: Backend, { kernel }: Step, error: unknown): EquiclipError {
  const said = messageOf(error).replaceAll(/\s+/g, " ");
  const reason = OUT_OF_MEMORY.test(said) ? `out of memory: ${said}` : said;
  return new EquiclipError(`${name}: ${kernel} failed: ${reason}`, undefined, { cause: error });
}

/** TensorFlow.js itself hands lists, which its types do not say. */
const inputsOf = (inputs: Inputs, values: readonly TfTensor[]): NamedTensorMap =>
  Array.isArray(inputs)
    ? (inputs.map((value: Value) => values[value]!) as unknown as NamedTensorMap)
    : Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, values[value]!]));

/** Runs the steps over `values`, and frees each value behind its last reader. */
function runSteps(backend: Backend, { steps }: Plan, values: TfTensor[]): void {
  const engine = backend.tf.engine();
  for (const step of steps) {
    const { kernel, inputs, attrs, output, frees } = step;
    try {
      values[output] = engine.runKernel(kernel, inputsOf(inputs, values), attrs);
    } catch (error) {
      throw failure(backend, step, error);
    }
    for (const value of frees) values[value]!.dispose();
  }
}

export function createProgram(
  backend: Backend,
  graph: VerifiedGraph,
  outputs: Readonly<Record<string, Node>>,
  plan: Plan,
  store: TfjsStore | null,
): Program {
  const { tf } = backend;
  backend.activate();
  const constants = plan.constants.map(
    ({ value, ...tensor }) => [value, tf.keep(toTf(backend, tensor))] as const,
  );
  const stored = (name: string): boolean => store?.shapes.has(name) ?? false;
  const results = [...plan.results];
  const replaced = new Map(results.filter(([name]) => stored(name)));
  const returned = results.filter(([name]) => !stored(name));

  /** The tensor of a feed: the caller's, else the store's. One that the run replaces is freed when it has been read. */
  const feedOf = (name: string, fed: ReadonlyMap<string, Tensor>): TfTensor => {
    const given = fed.get(name);
    if (given) return toTf(backend, given);
    const tensor = store!.get(name);
    return replaced.has(name) ? tensor : tensor.clone();
  };
  const resultOf = (name: string, tensor: TfTensor, into: Tensors): Tensor => {
    const values = valuesOf(tensor);
    const target = into[name];
    target?.data.set(values);
    return target ?? { shape: outputs[name]!.shape, data: values.slice() };
  };

  const run = (feeds: Tensors, into: Tensors): Record<string, Tensor> => {
    const wanted = [...graph.feeds].filter(([name]) => feeds[name] || !stored(name));
    const fed = checkedFeeds({ ...graph, feeds: new Map(wanted) }, feeds);
    checkInto(outputs, into, fed);
    backend.activate();
    tf.engine().startScope();
    try {
      const values: TfTensor[] = Array(plan.size);
      const given = new Map(fed);
      for (const [value, tensor] of constants) values[value] = tensor;
      for (const [name, value] of plan.feeds) values[value] = feedOf(name, given);
      runSteps(backend, plan, values);
      const found = returned.map(([name, value]): [string, Tensor] => [
        name,
        resultOf(name, values[value]!, into),
      ]);
      // last: what they replace may be among the results
      for (const [name, value] of replaced) store!.put(name, values[value]!.clone());
      return Object.fromEntries(found);
    } finally {
      tf.engine().endScope();
    }
  };
  return {
    run: async (feeds, into = {}) => run(feeds, into),
    dispose: async () => {
      backend.activate();
      for (const [, tensor] of constants) tensor.dispose();
    },
  };
}
