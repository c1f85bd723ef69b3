/** @file Optimizers and gradient clipping against torch.optim; exact resume. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EquiclipError } from "../../../src/run/errors.ts";
import { clipFactor, globalNorm } from "../../../src/train/update/clip-gradients.ts";
import {
  type OptimizerConfig,
  type OptimizerState,
  type Parameter,
  createOptimizer,
} from "../../../src/train/update/optimizer.ts";
import { hasReference, reference } from "../../golden.ts";
import { readFile } from "node:fs/promises";

interface Options {
  readonly lr: number;
  readonly weight_decay?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
}
interface Run {
  readonly optimizer: "SGD" | "Adam" | "AdamW";
  readonly options: Options;
  readonly grad_before_step: readonly number[][];
  readonly params_after_step: readonly number[][];
}
interface Golden {
  readonly quadratic: { readonly A: number[][]; readonly b: number[]; readonly x0: number[] };
  readonly runs: Record<string, Run>;
  readonly clip_grad_norm: readonly {
    grads: number[][];
    max_norm: number;
    norm_before: number;
    clipped: number[][];
  }[];
}
const load = async (): Promise<Golden> =>
  JSON.parse(await readFile(reference("optim", "golden.json"), "utf8")) as Golden;

const configOf = ({ optimizer, options: o }: Run): OptimizerConfig => {
  const moments = { beta1: o.betas?.[0] ?? 0.9, beta2: o.betas?.[1] ?? 0.999, eps: o.eps ?? 1e-8 };
  const decay = "all" as const;
  if (optimizer === "SGD")
    return {
      name: "sgd",
      momentum: o.momentum ?? 0,
      nesterov: o.nesterov ?? false,
      weightDecay: o.weight_decay ?? 0,
      decay,
    };
  if (optimizer === "Adam")
    return { name: "adam", ...moments, weightDecay: o.weight_decay ?? 0, decay };
  return { name: "adamw", ...moments, weightDecay: o.weight_decay ?? 0.01, decay };
};
const expectVector = (actual: Iterable<number>, expected: readonly number[]): void => {
  const values = [...actual];
  expect(values).toHaveLength(expected.length);
  expected.forEach((e, i) => expect(Math.abs(values[i]! - e)).toBeLessThanOrEqual(1e-12));
};

describe.skipIf(!hasReference)("golden optimizers", async () => {
  const golden = hasReference ? await load() : null;
  test.each(Object.entries(golden?.runs ?? {}))("%s, 20 steps on a quadratic", (_name, run) => {
    const { A, b, x0 } = golden!.quadratic;
    const x: Parameter = { shape: [3], data: Float64Array.from(x0) };
    const optimizer = createOptimizer(configOf(run), new Map([["x", x]]));
    expect(run.params_after_step).toHaveLength(20);
    run.params_after_step.forEach((expected, step) => {
      const gradient = Float64Array.from(
        A.map((row, i) => row.reduce((sum, a, j) => sum + a * x.data[j]!, -b[i]!)),
      );
      expectVector(gradient, run.grad_before_step[step]!);
      optimizer.update(new Map([["x", gradient]]), run.options.lr);
      expectVector(x.data, expected);
    });
  });

  test("clipping by global norm", () => {
    for (const { grads, max_norm, norm_before, clipped } of golden!.clip_grad_norm) {
      const norm = globalNorm(grads.map((g) => Float64Array.from(g)));
      expectVector([norm], [norm_before]);
      const factor = clipFactor(norm, max_norm);
      grads.forEach((g, i) =>
        expectVector(
          g.map((v) => v * factor),
          clipped[i]!,
        ),
      );
    }
  });
});

const configs: readonly OptimizerConfig[] = [
  { name: "adamw", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.2 },
  { name: "adam", beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.1 },
  { name: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0.1 },
  { name: "sgd", momentum: 0, nesterov: false, weightDecay: 0 },
];
const weightsOf = (values: readonly number[]): Map<string, Parameter> =>
  new Map([
    ["w", { shape: [2, 2], data: Float32Array.from(values.slice(0, 4)) }],
    ["b", { shape: [2], data: Float32Array.from(values.slice(4)) }],
  ]);
const numbers = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
  minLength: 6,
  maxLength: 6,
});
const gradients = (values: readonly number[]) =>
  new Map([...weightsOf(values)].map(([name, { data }]) => [name, data]));

describe("optimizers", () => {
  test.each(configs)("$name: continued from a saved state, every bit is the same", (config) => {
    fc.assert(
      fc.property(numbers, fc.array(numbers, { minLength: 2, maxLength: 6 }), (start, steps) => {
        const whole = weightsOf(start);
        const uninterrupted = createOptimizer(config, whole);
        const part = weightsOf(start);
        let optimizer = createOptimizer(config, part);
        for (const step of steps) {
          uninterrupted.update(gradients(step), 0.01, 0.5);
          optimizer.update(gradients(step), 0.01, 0.5);
          const { step: count, tensors } = optimizer.state();
          const saved: OptimizerState = {
            step: count,
            tensors: new Map(
              [...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
            ),
          };
          optimizer = createOptimizer(config, part, saved);
        }
        expect(part).toEqual(whole);
        expect(optimizer.state()).toEqual(uninterrupted.state());
      }),
      { numRuns: 20 },
    );
  });

  test("only matrices decay unless told otherwise", () => {
    const zero = gradients([0, 0, 0, 0, 0, 0]);
    const ones = [1, 1, 1, 1, 1, 1];
    const base = { name: "adamw", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.5 } as const;
    const matrices = weightsOf(ones);
    createOptimizer(base, matrices).update(zero, 0.5);
    expect([...matrices.get("w")!.data, ...matrices.get("b")!.data]).toEqual([
      0.75, 0.75, 0.75, 0.75, 1, 1,
    ]);
    const all = weightsOf(ones);
    createOptimizer({ ...base, decay: "all" }, all).update(zero, 0.5);
    expect([...all.get("b")!.data]).toEqual([0.75, 0.75]);
  });

  test("a state of another optimizer is refused", () => {
    const params = weightsOf([0, 0, 0, 0, 0, 0]);
    const sgdState = createOptimizer(configs[2]!, params).state();
    expect(() => createOptimizer(configs[0]!, params, sgdState)).toThrow(EquiclipError);
    expect(() => createOptimizer(configs[0]!, params, sgdState)).toThrow(
      /exp_avg\.w has no values/,
    );
  });

  test("the norm of gradients that are not finite is not finite", () => {
    expect(globalNorm([Float32Array.of(1, NaN), Float32Array.of(2)])).toBeNaN();
    expect(globalNorm([Float32Array.of(1, 2, 3, 4, Infinity)])).toBe(Infinity);
  });
});
