/** @file Erasers on planted embeddings: what they are fitted on, what chooses their strength, what they may cost. */
import { describe, expect, test } from "vitest";
import type { Row } from "../../src/data/row.ts";
import { toJSON } from "../../src/debias/eraser-json.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { random } from "../../src/run/random.ts";
import { probabilities } from "../../src/train/classifier.ts";
import {
  type DebiasInputs,
  type Embedded,
  chooseErasers,
  erased,
  erasedAttribute,
} from "../../src/train/debias.ts";
import { predictionsOf } from "../../src/train/predict.ts";
import { configOf, task } from "./faces.ts";

const D = 6;
const scaled = (x: Float32Array): Float32Array => {
  const norm = Math.hypot(...x);
  return x.map((value) => value / norm);
};

/** Unit rows in which the style lies along axis 0 and the tone along axis 1; half of the rows of each. */
function planted(n: number, seed: string): Embedded {
  const stream = random("planted", seed);
  const rows: Row[] = [];
  const embeddings = new Float32Array(n * D);
  for (let i = 0; i < n; i++) {
    const [style, tone] = [i % 2, (i >> 1) % 2];
    const x = Float32Array.from({ length: D }, () => 0.5 * stream.normal());
    x[0]! += style ? 1 : -1;
    x[1]! += tone ? 1 : -1;
    embeddings.set(scaled(x), i * D);
    const labels = { style: task.classes[style]!, tone: tone ? "jade" : "amber" };
    const id = `${seed}${i}`;
    rows.push({
      id,
      path: id,
      labels,
      numbers: {},
      split: null,
      weight: 1,
      origin: null,
      cluster: null,
    });
  }
  return { rows, embeddings };
}

/** Those rows whose style and tone agree, and a tenth of the others. */
function correlated({ rows, embeddings }: Embedded): Embedded {
  const kept = [...rows.keys()].filter(
    (i) =>
      (rows[i]!.labels["style"] === "rounded") === (rows[i]!.labels["tone"] === "jade") ||
      i % 10 < 2,
  );
  return {
    rows: kept.map((i) => rows[i]!),
    embeddings: Float32Array.from(
      kept.flatMap((i) => [...embeddings.subarray(i * D, (i + 1) * D)]),
    ),
  };
}

/** Reads the style off axis 0, and off the tone as well. */
const classifier = {
  weight: Float32Array.of(-1, -0.7, 0, 0, 0, 0, 1, 0.7, 0, 0, 0, 0),
  bias: null,
  scale: 8,
  classes: 2,
  width: D,
};
const inputs = (debias: string, limit = 0.1): DebiasInputs => ({
  classifier,
  task,
  train: planted(400, "train"),
  validation: planted(400, "validation"),
  config: configOf(`debias=${debias}`),
  criteria: {
    objective: "loss",
    constraints: [{ metric: "eo.max", attribute: "tone", limit, bound: "point" }],
  },
  evaluate: { positive: "rounded", attributes: ["tone"], uncertainty: { replicates: 0 } },
});
const gapOf = (split: Embedded, embeddings: Float32Array): number =>
  evaluate(predictionsOf(task, split.rows, probabilities(classifier, embeddings)), {
    positive: "rounded",
    uncertainty: { replicates: 0 },
  }).attributes["tone"]!.gaps["eo.max"]!.value!;
const jsonOf = (given: DebiasInputs): string[] =>
  [...chooseErasers(given).values()].map(({ eraser }) => JSON.stringify(toJSON(eraser)));

describe("chooseErasers", () => {
  test.each(["leace", "mean-difference", "pca-pair"])(
    "%s takes the planted bias away",
    (method) => {
      const given = inputs(`{ methods: [${method}] }`);
      const test = planted(400, "test");
      expect(gapOf(test, test.embeddings)).toBeGreaterThan(0.3);
      const { eraser, feasible } = [...chooseErasers(given).values()][0]!;
      expect(feasible).toBe(true);
      const after = erased(eraser, test, D);
      expect(gapOf(test, after)).toBeLessThan(0.15);
      for (let i = 0; i < test.rows.length; i++)
        expect(Math.hypot(...after.subarray(i * D, (i + 1) * D))).toBeCloseTo(1, 5);
    },
  );

  test("directions come from train rows, strength from validation rows", () => {
    const given = inputs("{ methods: [leace, pca-pair] }");
    const directions = (json: string): unknown => {
      const { alpha: _alpha, k: _k, ...fitted } = JSON.parse(json);
      return fitted;
    };
    const other = { ...given, validation: planted(60, "other") };
    expect(jsonOf(other).map(directions)).toEqual(jsonOf(given).map(directions));
    const refitted = { ...given, train: planted(300, "other") };
    expect(jsonOf(refitted).map(directions)).not.toEqual(jsonOf(given).map(directions));
  });

  test("the gentlest strength wins that keeps the limit and loses least", () => {
    const alpha = (limit: number): number =>
      [...chooseErasers(inputs("{ methods: [leace], alpha: [0, 0.5, 1] }", limit)).values()][0]!
        .eraser.alpha;
    expect(alpha(0.05)).toBe(1);
    // without a limit nothing but the loss chooses, and erasing the tone serves it too
    expect(alpha(1)).toBeGreaterThan(0);
  });

  test("fairness by the same answer for everybody is not feasible, unless accuracy may be lost", () => {
    const feasible = (maxAccuracyDrop: number): boolean => {
      const given = inputs(`{ methods: [leace], maxAccuracyDrop: ${maxAccuracyDrop} }`, 0.5);
      // nothing but the tone tells the styles apart
      const weight = classifier.weight.map((value, i) => (i % D === 1 ? value : 0));
      const [train, validation] = [correlated(given.train), correlated(given.validation)];
      const chosen = chooseErasers({
        ...given,
        classifier: { ...classifier, weight },
        train,
        validation,
      });
      return chosen.get("leace")!.feasible;
    };
    expect(feasible(0.02)).toBe(false);
    expect(feasible(1)).toBe(true);
  });
});

test("the erased attribute is the one named, else the first sensitive one that is not the target", () => {
  const { debias } = configOf();
  expect(erasedAttribute(debias, { ...task, attributes: ["style*tone", "age"] })).toBe("tone");
  expect(erasedAttribute({ ...debias, attribute: "age" }, task)).toBe("age");
  expect(erasedAttribute(debias, { ...task, attributes: ["style"] })).toBeNull();
});
