/** @file Debiased variants on planted embeddings: what they are fitted on, what chooses them, what they may cost. */
import { describe, expect, test } from "vitest";
import type { Row } from "../../src/data/row.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import type { Comparison } from "../../src/eval/report/comparison.ts";
import { random } from "../../src/run/random.ts";
import { assess } from "../../src/train/assess.ts";
import type { Embedded } from "../../src/train/trained.ts";
import {
  overlapNotes,
  removedAttributes,
  variantConstraints,
} from "../../src/train/variants/attributes.ts";
import { type ChoiceInputs, chooseVariants } from "../../src/train/variants/choose.ts";
import { variantsFromJSON, variantsToJSON } from "../../src/train/variants/json.ts";
import { conceptPrompts, type EncodeTexts } from "../../src/train/variants/prompts.ts";
import { requireVariants } from "../../src/train/variants/require.ts";
import {
  answerOf,
  type Original,
  predictOriginal,
  type Variant,
} from "../../src/train/variants/variant.ts";
import { configOf, task } from "./faces.ts";
import { row } from "../data/rows.ts";

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
    rows.push(row(`${seed}${i}`, { style: task.classes[style]!, tone: tone ? "jade" : "amber" }));
  }
  return { rows, embeddings, pixels: noPixels };
}
const noPixels = () => Promise.reject(new Error("no method but wise asks for pixels"));

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
    pixels: noPixels,
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
const original: Original = {
  task,
  classifier,
  between: () => Promise.reject(new Error("no other weights here")),
};

/** Texts along the axes of what they name. */
const encodeTexts: EncodeTexts = async (texts) =>
  Float32Array.from(
    texts.flatMap((text) => {
      const sign = (plus: string, minus: string): number =>
        Number(text.includes(plus)) - Number(text.includes(minus));
      const x = Float32Array.of(sign("rounded", "angular"), sign("jade", "amber"), 0.2, 0, 0, 0);
      return [...scaled(x)];
    }),
  );

const inputs = (debias: string, limit = 0.1): ChoiceInputs => ({
  original,
  train: planted(400, "train"),
  validation: planted(400, "validation"),
  config: configOf(`debias=${debias}`),
  encodeTexts,
  criteria: {
    objective: "loss",
    constraints: [{ metric: "eo.max", attribute: "tone", limit, bound: "point" }],
  },
  evaluate: { positive: "rounded", attributes: ["tone"], uncertainty: { replicates: 0 } },
});
const reportOf = (predictions: Predictions) =>
  evaluate(predictions, { positive: "rounded", uncertainty: { replicates: 0 } });
const gapOf = (predictions: Predictions): number =>
  reportOf(predictions).attributes["tone"]!.gaps["eo.max"]!.value!;
const only = <T>(values: ReadonlyMap<string, T>): T => [...values.values()][0]!;
const jsonOf = async (given: ChoiceInputs): Promise<string> =>
  JSON.stringify(variantsToJSON((await chooseVariants(given)).chosen));

describe("chooseVariants", () => {
  const METHODS = [
    "leace",
    "mean-difference",
    "pca-pair",
    "inlp",
    "prompt-orth",
    "bendvlm",
    "dfr",
    "thresholds",
  ] as const;
  test.each(METHODS)("%s takes the planted bias away", async (method) => {
    const given = inputs(`{ methods: [${method}] }`);
    const test = planted(1000, "test");
    expect(gapOf(predictOriginal(original, test))).toBeGreaterThan(0.25);
    const { chosen, infeasible, failed } = await chooseVariants(given);
    expect([...failed]).toEqual([]);
    expect(infeasible).toEqual([]);
    const { predictions: after } = await answerOf(only(chosen), original, test);
    expect(gapOf(after)).toBeLessThan(0.15);
    expect(reportOf(after).overall.accuracy.value).toBeGreaterThan(0.75);
  });

  test("what is fitted comes from train rows, strength from validation rows", async () => {
    const given = inputs("{ methods: [leace, pca-pair, dfr] }");
    const directions = (json: string): unknown =>
      JSON.parse(json, (key, value: unknown) => (/^(alpha|k|C|setting)$/.test(key) ? null : value));
    const dropHeads = (json: string) => JSON.parse(JSON.stringify(directions(json))).variants.leace;
    const before = await jsonOf(given);
    const other = await jsonOf({ ...given, validation: planted(60, "other") });
    expect(dropHeads(other)).toEqual(dropHeads(before));
    const refitted = await jsonOf({ ...given, train: planted(300, "other") });
    expect(dropHeads(refitted)).not.toEqual(dropHeads(before));
  });

  test("thresholds are fitted on one half of validation, never on train rows", async () => {
    const given = inputs("{ methods: [thresholds] }");
    const before = await jsonOf(given);
    expect(await jsonOf({ ...given, train: planted(300, "other") })).toBe(before);
    expect(await jsonOf({ ...given, validation: planted(400, "other") })).not.toBe(before);
    const variant = only((await chooseVariants(given)).chosen) as Variant<"thresholds">;
    const rows = JSON.stringify(variant.thresholds.groups.map(({ group }) => group));
    expect(rows).toBe('["amber","jade"]');
    expect(variant.thresholds.groupAtInference).toBe(true);
  });

  test("the gentlest strength wins that keeps the limit and loses least", async () => {
    const alpha = async (limit: number): Promise<number> => {
      const given = inputs("{ methods: [leace], alpha: [0, 0.5, 1] }", limit);
      return only((await chooseVariants(given)).chosen).setting["alpha"] as number;
    };
    expect(await alpha(0.05)).toBe(1);
    // without a limit nothing but the loss chooses, and erasing the tone serves it too
    expect(await alpha(1)).toBeGreaterThan(0);
  });

  test("fairness by the same answer for everybody is not feasible, unless accuracy may be lost", async () => {
    const infeasible = async (maxAccuracyDrop: number) => {
      const given = inputs(`{ methods: [leace], maxAccuracyDrop: ${maxAccuracyDrop} }`, 0.5);
      // nothing but the tone tells the styles apart
      const weight = classifier.weight.map((value, i) => (i % D === 1 ? value : 0));
      const choices = await chooseVariants({
        ...given,
        original: { ...original, classifier: { ...classifier, weight } },
        train: correlated(given.train),
        validation: correlated(given.validation),
      });
      return choices.infeasible;
    };
    expect(await infeasible(0.02)).toEqual(["leace"]);
    expect(await infeasible(1)).toEqual([]);
  });

  test("sides and length are as the config has them; a probe has images alone", async () => {
    const debiaserOf = async (debias: string, texts: EncodeTexts | null = encodeTexts) => {
      const choices = await chooseVariants({ ...inputs(debias), encodeTexts: texts });
      return (only(choices.chosen) as Variant<"embedding">).debiaser;
    };
    const lengths = async (debias: string) => {
      const { image, text, renormalise } = await debiaserOf(debias);
      return [image.length, text.length, renormalise];
    };
    expect(await lengths("{ methods: [leace] }")).toEqual([1, 0, true]);
    expect(await lengths("{ methods: [leace], sides: both, renormalise: false }")).toEqual([
      1,
      1,
      false,
    ]);
    expect(await lengths("{ methods: [leace], sides: text }")).toEqual([0, 1, true]);
    expect((await debiaserOf("{ methods: [pca-class] }")).text).toHaveLength(1);
    expect((await debiaserOf("{ methods: [pca-class] }", null)).text).toHaveLength(0);
  });

  test("several attributes are removed together", async () => {
    const withAge = (part: Embedded): Embedded => ({
      ...part,
      rows: part.rows.map((row, i) => ({
        ...row,
        labels: { ...row.labels, age: (i >> 2) % 2 ? "old" : "young" },
      })),
    });
    const given = inputs("{ methods: [leace, thresholds], attribute: [tone, age] }");
    const { chosen } = await chooseVariants({
      ...given,
      original: { ...original, task: { ...task, attributes: ["tone", "age"] } },
      train: withAge(given.train),
      validation: withAge(planted(800, "validation")),
    });
    const { thresholds } = chosen.get("thresholds") as Variant<"thresholds">;
    expect(thresholds.groups).toHaveLength(4);
    expect((chosen.get("leace") as Variant<"embedding">).debiaser.image[0]!.share).toHaveLength(2);
  });

  test("a method that the rows do not suit is told of, the others are shown", async () => {
    const given = inputs("{ methods: [thresholds, leace] }");
    const validation = correlated(given.validation);
    const keep = validation.rows.flatMap(({ labels }, i) =>
      labels["tone"] === "jade" && labels["style"] === "angular" ? [] : [i],
    );
    const { chosen, failed } = await chooseVariants({
      ...given,
      validation: {
        ...validation,
        rows: keep.map((i) => validation.rows[i]!),
        embeddings: Float32Array.from(
          keep.flatMap((i) => [...validation.embeddings.subarray(i * D, (i + 1) * D)]),
        ),
      },
    });
    expect([...chosen.keys()]).toEqual(["leace"]);
    expect(failed.get("thresholds")).toMatch(/group "jade" has no negative row/);
  });
});

test("variants come back from JSON bit for bit, and answer alike", async () => {
  const { chosen } = await chooseVariants(inputs("{ methods: [leace, bendvlm, thresholds, dfr] }"));
  const all = new Map<string, Variant>([
    ...chosen,
    ["wise", { kind: "wise", setting: { alpha: 0.25 }, alpha: 0.25 }],
  ]);
  const text = JSON.stringify(variantsToJSON(all));
  const back = variantsFromJSON(JSON.parse(text));
  expect(JSON.stringify(variantsToJSON(back))).toBe(text);
  const test = planted(60, "test");
  for (const [method, variant] of chosen)
    expect(await answerOf(back.get(method)!, original, test)).toEqual(
      await answerOf(variant, original, test),
    );
  expect(() => variantsFromJSON({ schema: "equiclip.variants/1", variants: { a: {} } })).toThrow(
    /^variants.json: variants.a/,
  );
});

describe("assess", () => {
  const evaluateOptions = { positive: "rounded", uncertainty: { replicates: 0 } };

  test("rows of a group that thresholds do not know are told of, other methods measure them", async () => {
    const { chosen } = await chooseVariants(inputs("{ methods: [thresholds, leace] }"));
    const { rows, ...rest } = planted(60, "test");
    const strange = rows.map((row, i) =>
      i === 0 ? { ...row, labels: { ...row.labels, tone: "violet" } } : row,
    );
    const { assessment, failed } = await assess(
      original,
      { rows: strange, ...rest },
      chosen,
      evaluateOptions,
      ["tone"],
    );
    expect(Object.keys(assessment.after)).toEqual(["leace"]);
    expect(failed.get("thresholds")).toMatch(/group "violet"/);
  });

  test("a probe tells the tone before, and after leace no better than chance; others leave it", async () => {
    const given = inputs("{ methods: [leace, thresholds, dfr], alpha: [1] }", 0.05);
    const { chosen } = await chooseVariants(given);
    const { assessment } = await assess(original, planted(1000, "test"), chosen, evaluateOptions, [
      "tone",
    ]);
    const { leakage } = assessment.result as Comparison;
    expect(Object.keys(leakage!.after)).toEqual(["leace"]);
    const [before, after] = [leakage!.before["tone"]!, leakage!.after["leace"]!["tone"]!];
    expect(before.chance).toBe(0.5);
    expect(before.value).toBeGreaterThan(0.8);
    expect(after.value).toBeLessThan(0.58);
    expect(after.interval![0]).toBeLessThanOrEqual(0.53);
  });
});

test("prompts name every label, and every label with every class", async () => {
  const asked: string[] = [];
  const templates = { value: ["a {value} face", "{value}"], candidate: "a {value} {class} face" };
  const { spurious, candidates, classes } = await conceptPrompts(
    async (texts) => {
      asked.push(...texts);
      return encodeTexts(texts);
    },
    templates,
    ["amber", "jade"],
    task.classes,
    classifier,
  );
  expect(asked).toEqual([
    "a amber face",
    "a jade face",
    "amber",
    "jade",
    "a amber angular face",
    "a jade angular face",
    "a amber rounded face",
    "a jade rounded face",
  ]);
  expect([...spurious.labels]).toEqual([0, 1, 0, 1]);
  expect([...candidates.target]).toEqual([0, 0, 1, 1]);
  expect([...candidates.labels]).toEqual([0, 1, 0, 1]);
  expect(spurious.x.length + candidates.x.length).toBe(8 * D);
  expect(classes.n).toBe(2);
});

describe("before training", () => {
  const rows = planted(20, "train").rows;
  const probe = "model.trainable={ kind: probe }";
  test.each<[string, RegExp, string?]>([
    ["debias={ methods: [prompt-orth] }", /prompt-orth needs class texts/, probe],
    ["debias={ methods: [wise] }", /wise needs class texts/, probe],
    ["debias={ methods: [leace], sides: both }", /debias.sides: both asks for class texts/, probe],
    ["debias={ methods: [bendvlm], sides: image }", /bendvlm changes text embeddings alone/],
    ["debias={ attribute: style }", /style is what is predicted/],
    ["debias={ attribute: [tone, age] }", /age is not measured/],
  ])("%s is refused", (debias, message, model = "model.from=preset:tiny") => {
    expect(() => requireVariants(configOf(debias, model), task, rows)).toThrow(message);
  });

  test("thresholds want two classes, templates their braces", () => {
    const three = { ...task, classes: ["a", "b", "c"], positive: null };
    expect(() =>
      requireVariants(configOf("debias={ methods: [thresholds] }"), three, rows),
    ).toThrow(/thresholds needs a target of two classes, style has 3/);
    expect(() => configOf("debias={ prompts: { value: a person } }")).toThrow(/\{value\}/);
    expect(() => configOf("debias={ prompts: { candidate: 'a {value} {klass}' } }")).toThrow(
      /\{value\} and \{class\}/,
    );
  });

  test("every method of the default config suits a probe", () => {
    expect(() => requireVariants(configOf(probe), task, rows)).not.toThrow();
  });

  test("a run is measured where the folder that it started from is gone", () => {
    const config = configOf("debias={ methods: [leace] }", "model={ from: ./gone }");
    expect(() => requireVariants(config, task, rows)).not.toThrow();
  });
});

test("the removed attributes are those named, else the first sensitive one that is not the target", () => {
  const { debias } = configOf();
  const of = { ...task, attributes: ["style*tone", "age"] };
  expect(removedAttributes(debias, of)).toEqual(["tone"]);
  expect(removedAttributes({ ...debias, attribute: ["age", "tone"] }, task)).toEqual([
    "age",
    "tone",
  ]);
  expect(removedAttributes({ ...debias, attribute: "age" }, task)).toEqual(["age"]);
  expect(removedAttributes(debias, { ...task, attributes: ["style"] })).toEqual([]);
});

test("an attribute whose removal takes the task along is told of", () => {
  const { rows } = planted(40, "train");
  const own = (tone: (row: Row, i: number) => string): Row[] =>
    rows.map((row, i) => ({ ...row, labels: { ...row.labels, tone: tone(row, i) } }));
  const renamed = ({ labels }: Row): string => `${labels["style"]} tone`;
  const notes = (of: readonly Row[], debias = configOf().debias) => overlapNotes(debias, task, of);
  expect(notes(rows)).toEqual([]);
  expect(notes(own(renamed))).toEqual([
    expect.stringMatching(/^tone decides style in the train rows: .* erases the task itself/),
  ]);
  expect(notes(own((row, i) => (i < 4 ? "jade" : renamed(row))))).toEqual([
    expect.stringMatching(/^tone and style go closely together .*Cramer's V 0\.9/),
  ]);
  expect(notes(own(renamed), configOf("debias.methods=[]").debias)).toEqual([]);
});

test("limits that concern a removed attribute rule, else the default ones on it", () => {
  const of = { ...task, attributes: ["tone", "age"] };
  const limit = (attribute: string) =>
    ({ metric: "eo.max", attribute, limit: 0.2, bound: "point" }) as const;
  const both = [limit("tone"), limit("age")];
  expect(variantConstraints(both, ["age"], of)).toEqual([limit("age")]);
  expect(variantConstraints(both, ["age", "tone"], of)).toEqual(both);
  expect(variantConstraints([limit("tone")], ["age"], of)).toEqual([
    { ...limit("age"), limit: 0.1 },
  ]);
});
