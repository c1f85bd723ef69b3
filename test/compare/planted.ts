/** @file Embeddings with planted directions: a target, a concept that goes with it, and something else. */
import type { EmbeddedRows } from "../../src/compare/rows.ts";
import type { TaskReport } from "../../src/compare/tasks.ts";
import type { Settings } from "../../src/compare/stand.ts";
import type { Row } from "../../src/data/row.ts";
import { random } from "../../src/run/random.ts";
import { row } from "../data/rows.ts";

export interface Planted {
  readonly n?: number;
  readonly d?: number;
  readonly seed?: number;
  /** Share of rows whose concept goes with their target: 0.5 none. */
  readonly together?: number;
}

/**
 * Target yes or no, concept a, b or c, shape round or square, each with a direction of its own. A classifier takes the
 * concept for the target where they go together.
 */
export function plantedRows({
  n = 900,
  d = 12,
  seed = 0,
  together = 0.7,
}: Planted = {}): EmbeddedRows {
  const draw = random(seed, "planted");
  const rows: Row[] = [];
  const x = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    const yes = draw.int(2);
    const concept = draw.uniform() < together ? yes : draw.int(3);
    const square = draw.int(2);
    const own = x.subarray(i * d, (i + 1) * d);
    for (let j = 0; j < d; j++) own[j] = draw.normal();
    own[0]! += 2.5 * yes;
    own[1]! += 3 * Number(concept === 1);
    own[2]! += 3 * Number(concept === 2);
    own[3]! += 3 * square;
    rows.push(
      row(
        `row-${i}`,
        {
          target: yes ? "yes" : "no",
          concept: "abc"[concept]!,
          shape: square ? "square" : "round",
        },
        { numbers: { age: draw.int(90) } },
      ),
    );
  }
  return { rows, x, d, notes: [] };
}

export const TASK: TaskReport = {
  id: "target-without-concept",
  target: "target",
  classes: ["no", "yes"],
  positive: "yes",
  attributes: ["concept"],
  concepts: ["concept"],
  utility: ["shape"],
  k: 30,
  notes: [],
};

export const SETTINGS: Settings = {
  criteria: { objective: "accuracy", maxAccuracyDrop: 0.1 },
  uncertainty: { level: 0.95, replicates: 500 },
  minSupport: 20,
  C: 1,
  probes: { folds: 3, nonlinear: false },
  prompts: null,
};

export const SPLIT = {
  split: { train: 0.5, validation: 0.25, test: 0.25 },
  tasks: [{ target: "target", sensitive: ["concept"], intersections: [], utility: [] }],
};
