/** @file Results of comparisons made up for tests: effects that are known, noise that is seeded. */
import { BASE, CompareResult } from "../../src/compare/result.ts";
import { random } from "../../src/run/random.ts";

/** What a method does to `base`. */
export interface Effect {
  readonly accuracy?: number;
  readonly gap?: number;
  readonly leakage?: number;
  readonly utility?: number;
  readonly feasible?: boolean;
  readonly groupAtInference?: boolean;
  readonly baseline?: "base" | "prototype";
  readonly alpha?: number;
  readonly failed?: string;
}

interface Made {
  readonly effects: Readonly<Record<string, Effect>>;
  readonly seeds?: number;
  /** Standard deviation of each change over seeds. */
  readonly noise?: number;
  readonly keys?: readonly (string | number)[];
}

/** One task, gender with race and race*age_band; values of `base` are those of a plausible face classifier. */
export function makeResult({
  effects,
  seeds = 5,
  noise = 0.002,
  keys = ["made"],
}: Made): CompareResult {
  const cells = Object.entries({ [BASE]: {}, ...effects }).flatMap(([method, effect]) =>
    Array.from({ length: seeds }, (_, seed) => cellOf(method, effect, seed, noise, keys)),
  );
  return CompareResult.parse({
    schema: "equiclip.compare/1",
    name: "made",
    source: { embeddings: "made.npy", data: "made.csv", rows: 1000, d: 128 },
    level: 0.95,
    replicates: 1000,
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    splits: Array.from({ length: seeds }, (_, seed) => ({
      seed,
      train: 600,
      validation: 150,
      test: 250,
      problems: [],
    })),
    tasks: [
      {
        id: "gender-without-race",
        target: "gender",
        classes: ["male", "female"],
        positive: "female",
        attributes: ["race", "race*age_band"],
        concepts: ["race"],
        utility: ["age_band"],
        k: 100,
        notes: [],
      },
    ],
    methods: Object.entries({ [BASE]: {}, ...effects }).map(([name, effect]) => ({
      name,
      summary: `${name} does what its name says`,
      caveat: null,
      groupAtInference: (effect as Effect).groupAtInference ?? false,
      baseline: (effect as Effect).baseline ?? "base",
    })),
    cells,
    notes: [],
  });
}

function cellOf(
  method: string,
  effect: Effect,
  seed: number,
  noise: number,
  keys: readonly (string | number)[],
): unknown {
  const place = { task: "gender-without-race", method, seed };
  if (effect.failed) return { ...place, status: "failed", reason: effect.failed };
  const isBase = method === BASE;
  const split = random(...keys, "split", seed);
  const draw = random(...keys, method, seed);
  /** The value of `base` on this split, what the method adds, and chance. */
  const number = (start: number, add = 0) => {
    const before = start + 0.01 * split.normal();
    const change = isBase ? 0 : add + noise * draw.normal();
    return {
      test: { value: before + change, interval: [before + change - 0.02, before + change + 0.02] },
      change: {
        value: change,
        interval: [change - 2 * noise, change + 2 * noise],
        verdict: "unclear",
      },
    };
  };
  const { accuracy = 0, gap = 0, leakage = 0, utility = 0 } = effect;
  const overall = { accuracy: number(0.93, accuracy), balanced_accuracy: number(0.92, accuracy) };
  const attribute = (start: number) => ({
    "worst_group.accuracy": number(0.88, accuracy - gap / 4),
    "eo.max": number(start, gap),
    "eo.sum": number(1.5 * start, 1.5 * gap),
    eopp: number(0.8 * start, gap),
    di: number(0.8, -gap),
    max_skew: number(0.2, gap),
  });
  const attributes = { race: attribute(0.15), "race*age_band": attribute(0.3) };
  const pick = (side: "test" | "change") => {
    const of = <T extends Record<string, { test: unknown; change: unknown }>>(from: T) =>
      Object.fromEntries(Object.entries(from).map(([name, both]) => [name, both[side]]));
    return {
      overall: of(overall),
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([name, from]) => [name, of(from)]),
      ),
    };
  };
  const probe = (start: number, add: number, chance: number) => ({
    balancedAccuracy: start + (isBase ? 0 : add) + noise * draw.normal(),
    interval: [start + add - 0.02, start + add + 0.02],
    chance,
    n: 250,
  });
  const check = { metric: "eo.max", attribute: "race", limit: 0.1, value: 0.1, violation: 0 };
  return {
    ...place,
    status: "done",
    chosen: 0,
    trials: [
      {
        setting: { alpha: effect.alpha ?? 1, k: 1 },
        objective: 0.92,
        accuracy: 0.92,
        checks: [check],
        feasible: effect.feasible ?? true,
      },
    ],
    test: pick("test"),
    change: isBase ? null : pick("change"),
    leakage: effect.groupAtInference
      ? null
      : { race: { linear: probe(0.84, leakage, 0.2), nonlinear: probe(0.86, leakage / 2, 0.2) } },
    utility: effect.groupAtInference ? null : { age_band: probe(0.6, utility, 0.25) },
    cost: { fitSeconds: 0.4, microsecondsPerRow: 2.5 },
    notes: [],
  };
}
