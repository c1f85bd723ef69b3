/** @file Stored tensors as the weights that a model expects. */
import { type Shape, showShape } from "../graph/node.ts";
import { UsageError } from "../run/errors.ts";
import type { StoredTensor, Weights } from "./weights.ts";

/** "3 missing (a, b, ...)", or nothing when there are none. */
export function listed(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length > 3 ? ", ..." : "";
  return [`${names.length} ${what} (${names.slice(0, 3).join(", ")}${rest})`];
}

/** What of some tensors fits, and what does not. */
export interface Fit {
  readonly weights: Weights;
  readonly missing: readonly string[];
  /** Of another shape, or not floating-point: with what was expected and received. */
  readonly wrong: readonly { readonly name: string; readonly problem: string }[];
  /** Tensors that nothing asks for. */
  readonly extra: readonly string[];
}

interface Wanted {
  readonly name: string;
  readonly shape: Shape;
}

/** Tensors by the names that are wanted, as 32-bit floats. */
export function fit(wanted: readonly Wanted[], tensors: ReadonlyMap<string, StoredTensor>): Fit {
  const weights: Weights = new Map();
  const missing: string[] = [];
  const wrong: { name: string; problem: string }[] = [];
  for (const { name, shape } of wanted) {
    const tensor = tensors.get(name);
    if (!tensor) missing.push(name);
    else if (showShape(tensor.shape) !== showShape(shape))
      wrong.push({
        name,
        problem: `expected ${showShape(shape)}, received ${showShape(tensor.shape)}`,
      });
    else if (tensor.data instanceof Int32Array)
      wrong.push({ name, problem: "expected floating-point numbers, received integers" });
    else {
      const { data } = tensor;
      weights.set(name, {
        shape,
        data: data instanceof Float32Array ? data : Float32Array.from(data),
      });
    }
  }
  const known = new Set(wanted.map(({ name }) => name));
  return { weights, missing, wrong, extra: [...tensors.keys()].filter((name) => !known.has(name)) };
}

/**
 * The weights of a whole model among stored tensors.
 * @param ignored names that may be there and are not needed
 * @param kind of model, in the advice: "the same CLIP model".
 * Throws UsageError counting and naming tensors that are missing, unknown, of another shape or not floating-point.
 */
export function fitAll(
  wanted: readonly Wanted[],
  tensors: ReadonlyMap<string, StoredTensor>,
  ignored: (name: string) => boolean,
  where: string,
  kind: string,
): Weights {
  const { weights, missing, wrong, extra } = fit(wanted, tensors);
  const problems = [
    ...listed("missing", missing),
    ...listed(
      "unknown",
      extra.filter((name) => !ignored(name)),
    ),
    ...listed(
      "of another kind",
      wrong.map(({ name, problem }) => `${name}: ${problem}`),
    ),
  ];
  if (problems.length > 0)
    throw new UsageError(
      `${where}: the weights do not fit config.json: of ${wanted.length} tensors, ${problems.join("; ")}; take both files from the same ${kind}`,
    );
  return weights;
}
