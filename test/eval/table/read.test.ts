/** @file What a table's labels, numbers and gaps mean: classes, missing values, weights, bands, scores. */
import { expect, test } from "vitest";
import { evaluate, type EvaluateOptions } from "../../../src/eval/evaluate.ts";
import type { TableColumns } from "../../../src/eval/table/columns.ts";
import { readPredictionTable, type TableOptions } from "../../../src/eval/table/read.ts";
import { csv, jsonLines, parquet, type Rows, temporaryFiles, type Value } from "./files.ts";

const file = temporaryFiles();
let files = 0;
const COLUMNS: TableColumns = { truth: "y", predicted: "p", groups: ["g"] };

const read = (rows: Rows, columns: Partial<TableColumns> = {}, options: TableOptions = {}) =>
  readPredictionTable(file(`${files++}.csv`, csv(rows)), { ...COLUMNS, ...columns }, options);

const label = ({ classes }: { readonly classes: readonly string[] }, codes: Int32Array) =>
  Array.from(codes, (code) => classes[code]);

async function report(rows: Rows, columns: Partial<TableColumns> = {}, options: TableOptions = {}) {
  const { predictions, positive } = await read(rows, columns, options);
  const evaluation: EvaluateOptions = { positive, uncertainty: { replicates: 20 } };
  return evaluate(predictions, evaluation);
}

test("labels, groups, weights, clusters, ids and scores come as they are", async () => {
  const rows: Rows = {
    id: ["a", "b", "c"],
    y: ["no", "yes", "no"],
    p: ["yes", "yes", "no"],
    g: ["x", null, "w"],
    s: [0.5, 1.5, -2],
    w: [0, 2.5, 1],
    person: ["q", "p", "q"],
    unused: ["1", "2", "3"],
  };
  const { predictions, before, positive, source } = await read(
    rows,
    { id: "id", score: "s", weight: "w", cluster: "person" },
    { positive: "yes" },
  );
  expect(predictions).toEqual({
    ids: ["a", "b", "c"],
    classes: ["no", "yes"],
    truth: Int32Array.of(0, 1, 0),
    predicted: Int32Array.of(1, 1, 0),
    groups: { g: { values: ["w", "x"], codes: Int32Array.of(1, -1, 0) } },
    score: Float64Array.of(0.5, 1.5, -2),
    weights: Float64Array.of(0, 2.5, 1),
    clusters: Int32Array.of(1, 0, 1),
  });
  expect({ before, positive }).toEqual({ before: null, positive: "yes" });
  expect(source).toMatchObject({
    format: "csv",
    rows: 3,
    columns: { truth: "y", predicted: "p", score: "s", weight: "w", cluster: "person", id: "id" },
    leftOut: [],
    noGroup: [{ column: "g", reason: "missing", rows: 1, first: ["line 3"] }],
  });
});

test.each<[string, readonly Value[], readonly Value[], readonly string[], string | null]>([
  ["0 and 1", [0, 1], [1, 1], ["0", "1"], "1"],
  ["floats of a column with gaps", ["0.0", "1.0"], [1, 0], ["0", "1"], "1"],
  ["true and false", ["True", "False"], ["true", "FALSE"], ["false", "true"], "true"],
  ["booleans beside numbers", ["True", "False"], ["1.0", "0"], ["0", "1"], "1"],
  ["one class, 1", [1, 1], [1, 1], ["0", "1"], "1"],
  ["one class, false", ["false"], ["False"], ["false", "true"], "true"],
  ["numbers in their order", [10, 9, -1.5], [9, 10, "1e1"], ["-1.5", "9", "10"], null],
  ["codes that are no numbers", ["01", "1", "2"], ["1", "2", "01"], ["01", "1", "2"], null],
  ["a number among texts", ["1.0", "x", "1"], ["x", "1", "1"], ["1", "1.0", "x"], null],
  [
    "whole numbers too long for doubles",
    ["9007199254740993", "9007199254740992", "1"],
    ["1", "9007199254740993", "1"],
    ["1", "9007199254740992", "9007199254740993"],
    null,
  ],
])("classes: %s", async (_, y, p, classes, positive) => {
  const table = await read({ y, p, g: y.map(() => "a") });
  expect({ classes: table.predictions.classes, positive: table.positive }).toEqual({
    classes,
    positive,
  });
});

test.each<[string, readonly Value[], readonly Value[], TableOptions, RegExp]>([
  ["texts", ["f", "m"], ["m", "m"], {}, /which class is the positive one\? .*--positive.* f, m$/],
  ["one text", ["f", "f"], ["f", "f"], {}, /--positive; the labels are f$/],
  ["a typo", ["f", "m"], ["m", "m"], { positive: "F" }, /--positive F is no label.* are f, m$/],
  [
    "three",
    [0, 1, 2],
    [0, 1, 2],
    { positive: "1" },
    /3 classes \(0, 1, 2\).*leave out --positive 1/,
  ],
  ["other words", ["f", "m"], [0, 1], {}, /no predicted label \(0, 1\) is a true one \(f, m\)/],
  ["named", ["a", "b"], ["c", "b"], { classes: ["a", "b"] }, /label c is none of --classes a,b/],
  ["named twice", ["a", "b"], ["a", "b"], { classes: ["a", "a"] }, /--classes names a twice/],
  [
    "continuous",
    Array.from({ length: 1500 }, (_, i) => i / 7),
    Array<Value>(1500).fill(1),
    {},
    /\.csv:1002: column "y": more than 1000 different values; expected the labels of a class/,
  ],
])("classes that cannot be told: %s", async (_, y, p, options, message) => {
  await expect(read({ y, p, g: y.map(() => "a") }, {}, options)).rejects.toThrow(message);
});

test("classes in the order asked for, more than there are, in any spelling", async () => {
  const rows: Rows = { y: ["1.0", "0.0"], p: [1, 1], g: ["a", "a"] };
  const { predictions, positive } = await read(rows, {}, { classes: ["1", "0"], positive: "0.0" });
  expect(predictions.classes).toEqual(["1", "0"]);
  expect({ positive, truth: label(predictions, predictions.truth) }).toEqual({
    positive: "0",
    truth: ["1", "0"],
  });
  const more = await read({ y: ["b"], p: ["a"], g: ["x"] }, {}, { classes: ["c", "b", "a"] });
  expect(more.predictions.classes).toEqual(["c", "b", "a"]);
});

const GROUPS = ["a", "a", "b", "b", "b", "a"];

test("one class: rates without rows are undefined, and say why", async () => {
  const ones = await report({ y: [1, 1, 1, 1, 1, 1], p: [1, 0, 1, 1, 1, 1], g: GROUPS });
  expect(ones.overall.tpr.value).toBeCloseTo(5 / 6, 12);
  expect(ones.overall.fpr).toMatchObject({ value: null, reason: "no truly negative rows" });
  expect(ones.attributes["g"]!.gaps["eo.max"]).toMatchObject({ value: null });
  expect(ones.attributes["g"]!.gaps["eo.max"]!.reason).toBeTruthy();

  const only = Array<Value>(6).fill("cat");
  const single = await report({ y: only, p: only, g: GROUPS }, {}, { positive: "cat" });
  expect(single.classes).toEqual(["cat"]);
  expect(single.overall.tpr.value).toBe(1);
  expect(single.overall.fpr.value).toBeNull();
  const other = await report({ y: only, p: only, g: GROUPS }, {}, { positive: "dog" });
  expect(other.overall).toMatchObject({ tpr: { value: null }, fpr: { value: 0 } });
});

test("one group, a group without positives, equal predictions, a label never predicted", async () => {
  const one = await report({ y: [1, 0], p: [1, 0], g: ["a", "a"] });
  expect(one.attributes["g"]!.gaps["eopp"]).toMatchObject({ value: null });

  const none = await report({ y: [1, 0, 0, 0, 0, 1], p: [1, 0, 1, 0, 0, 1], g: GROUPS });
  expect(none.attributes["g"]!.groups["b"]!.tpr).toMatchObject({ value: null, denominator: 0 });
  expect(none.attributes["g"]!.gaps["eopp"]!.undefinedGroups).toContain("b");

  const equal = await report({ y: [1, 0, 1, 0, 0, 1], p: [0, 0, 0, 0, 0, 0], g: GROUPS });
  expect(equal.classes).toEqual(["0", "1"]);
  expect(equal.overall.ppv).toMatchObject({ value: null, reason: "no rows predicted positive" });
  expect(equal.attributes["g"]!.gaps["dp.difference"]!.value).toBe(0);

  const never = await report({
    y: ["x", "y", "z", "x", "y", "z"],
    p: ["x", "y", "y", "x", "y", "y"],
    g: GROUPS,
  });
  expect(never.classes).toEqual(["x", "y", "z"]);
  expect(never.perClass["z"]!.overall).toMatchObject({ tpr: { value: 0 }, ppv: { value: null } });
});

test("200 groups are measured, more are not, and numbers are offered bands", async () => {
  const n = 1000;
  const rows = (groups: number): Rows => ({
    y: Array.from({ length: n }, (_, i) => i % 2),
    p: Array.from({ length: n }, (_, i) => (i >> 1) % 2),
    g: Array.from({ length: n }, (_, i) => i % groups),
  });
  const { attributes } = await report(rows(200));
  expect(Object.keys(attributes["g"]!.groups)).toEqual(
    Array.from({ length: 200 }, (_, i) => `${i}`),
  );
  await expect(report(rows(201))).rejects.toThrow(
    /column "g" has 201 different values, expected groups, 200 at most; .*--bins/,
  );
  const banded = await report(rows(201), {}, { bins: { g: [10, 20, 100, 300] } });
  expect(banded.attributes["g"]!.missing).toBe(50);
  expect(
    Object.entries(banded.attributes["g"]!.groups).map(([name, { count }]) => [name, count]),
  ).toEqual([
    ["10-19", 50],
    ["20-99", 400],
    ["100-299", 500],
  ]);
});

test("bands of fractions, of numbers that are missing, below, infinite or none", async () => {
  const rows: Rows = {
    y: [0, 1, 0, 1, 0, 1, 0],
    p: [0, 1, 0, 1, 0, 1, 0],
    g: ["18.4", "18.5", "30", "", "x", "inf", "5"],
  };
  const { predictions, source } = await read(rows, {}, { bins: { g: [18, 18.5, 25.5] } });
  expect(predictions.groups["g"]).toEqual({
    values: ["18-<18.5", "18.5-<25.5", "25.5+"],
    codes: Int32Array.of(0, 1, 2, -1, -1, -1, -1),
  });
  expect(source.noGroup).toEqual([
    {
      column: "g",
      reason: "in no band",
      rows: 4,
      first: ["line 5", "line 6", "line 7", "line 8"],
    },
  ]);
  await expect(read(rows, {}, { bins: { g: [3, 2] } })).rejects.toThrow(/ascending numbers/);
  await expect(read(rows, {}, { bins: { h: [3] } })).rejects.toThrow(
    /--bins h: .*the groups are g/,
  );
});

const COMPLETE: Rows = {
  id: ["a", "b", "c", "d"],
  y: [1, 0, 1, 0],
  p: [1, 1, 0, 0],
  old: [1, 0, 0, 0],
  s: [0.1, 0.2, 0.3, 0.4],
  w: [1, 1, 2, 1],
  k: ["x", "x", "y", "y"],
  fold: ["test", "test", "test", "test"],
  g: ["a", "b", "a", "b"],
};
const EVERY: TableColumns = {
  ...COLUMNS,
  before: "old",
  score: "s",
  weight: "w",
  cluster: "k",
  id: "id",
  split: "fold",
};

test.each(["y", "p", "old", "s", "w", "k", "id", "fold"])(
  "a missing value in column %s is an error, and with leave left out and told",
  async (column) => {
    const rows: Rows = { ...COMPLETE, [column]: COMPLETE[column]!.with(2, null) };
    await expect(read(rows, EVERY)).rejects.toThrow(
      new RegExp(
        `^\\S+: 1 of 4 rows lack a value: column "${column}" in 1 \\(line 4: .*--max-missing 0.25$`,
      ),
    );
    await expect(read(rows, EVERY, { maxMissing: 0.2 })).rejects.toThrow(/1 of 4 rows lack/);
    const { predictions, before, source } = await read(rows, EVERY, { maxMissing: 0.25 });
    expect(predictions.ids).toEqual(["a", "b", "d"]);
    expect(before!.predicted).toEqual(Int32Array.of(1, 0, 0));
    expect(predictions.score).toEqual(Float64Array.of(0.1, 0.2, 0.4));
    expect(source.rows).toBe(4);
    expect(source.leftOut).toMatchObject([{ column, rows: 1, first: ["line 4"] }]);
  },
);

test("missing as each format has it: null, NaN among numbers, no key", async () => {
  const rows: Rows = { y: [1, 0, 1, 0], p: [1, Number.NaN, 0, 1], g: ["a", "b", "a", "b"] };
  const message = /1 of 4 rows lack a value: column "p" in 1 \((row|line) \d: missing/;
  const paths = [
    file("nan.parquet", parquet(rows)),
    file("nan.csv", csv({ ...rows, p: ["1.0", "NaN", "0.0", "1.0"] })),
    file("null.jsonl", jsonLines(rows)),
    file("none.jsonl", jsonLines(rows).replace('"p":null,', "")),
    file("r.csv", csv({ ...rows, p: ["1", "NA", "0", "1"] })),
    file("bool.csv", csv({ ...rows, p: ["TRUE", "None", "FALSE", " TRUE"] })),
  ];
  for (const path of paths) {
    await expect(readPredictionTable(path, COLUMNS)).rejects.toThrow(message);
    const { predictions } = await readPredictionTable(path, COLUMNS, { maxMissing: 1 });
    expect(predictions.predicted).toEqual(Int32Array.of(1, 0, 1));
  }
  // among texts it is a text
  const texts = await read(
    { y: ["nan", "b"], p: ["b", "nan"], g: ["a", "b"] },
    {},
    { positive: "b" },
  );
  expect(texts.predictions.classes).toEqual(["b", "nan"]);
});

test("every reason is told, and no more rows than five", async () => {
  const n = 20;
  const rows: Rows = {
    y: Array.from({ length: n }, (_, i) => (i % 2 === 0 ? null : 1)),
    p: Array<Value>(n).fill(1),
    s: Array.from({ length: n }, (_, i) => ["", "high", "inf", 0.5][i % 4]!),
    g: Array<Value>(n).fill("a"),
  };
  await expect(read(rows, { score: "s" })).rejects.toThrow(
    /15 of 20 rows lack a value: column "y" in 10 \(line 2, line 4, line 6, line 8, line 10, \.\.\.: missing\); column "s" in 15 \(.*line 2, line 3 "high", line 4 "inf", line 6, line 7 "high", \.\.\.: no finite number\); .*--max-missing 0.75$/,
  );
  await expect(
    read({ ...rows, y: Array<Value>(n).fill(null) }, {}, { maxMissing: 1 }),
  ).rejects.toThrow(/every row lacks a value, so none is left/);
});

test.each([
  ["-1", /column "w": expected a finite weight of at least 0, received -1/],
  ["inf", /column "w": expected a finite weight of at least 0, received Infinity/],
  ["heavy", /1 of 2 rows lack a value: column "w" in 1 \(line 3 "heavy": no number\)/],
])("a weight of %s", async (weight, message) => {
  const rows: Rows = { y: [1, 0], p: [1, 0], g: ["a", "b"], w: [1, weight] };
  await expect(read(rows, { weight: "w" })).rejects.toThrow(message);
});

test("weights of zero count for nothing, and all of zero are refused", async () => {
  const rows: Rows = { y: [1, 0, 1], p: [1, 1, 0], g: ["a", "b", "a"], w: [1, 1, 0] };
  const { overall } = await report(rows, { weight: "w" });
  expect(overall).toMatchObject({ tpr: { value: 1, denominator: 1 }, count: 3 });
  await expect(report({ ...rows, w: [0, 0, 0] }, { weight: "w" })).rejects.toThrow(
    /every weight is 0/,
  );
});

test("scores by class, in the order of the classes", async () => {
  const rows: Rows = {
    y: ["b", "a", "c"],
    p: ["b", "b", "c"],
    "P(c)": [0, 0.25, 1],
    "P(a)": [0.25, 0.5, 0],
    "P(b)": [0.75, 0.25, 0],
    g: ["x", "x", "y"],
  };
  const prefix = { scores: "P(" };
  // the name of a class is all that follows the prefix
  await expect(read(rows, prefix)).rejects.toThrow(/class a, b, c has no column of scores/);
  const renamed = Object.fromEntries(
    Object.entries(rows).map(([name, column]) => [name.replace(/^P\((.)\)$/, "P_$1"), column]),
  );
  const { predictions, source } = await read(renamed, { scores: "P_" });
  expect(predictions.classes).toEqual(["a", "b", "c"]);
  expect([...predictions.scores!]).toEqual([0.25, 0.75, 0, 0.5, 0.25, 0.25, 0, 0, 1]);
  expect(source.columns["scores"]).toBe("P_");
  await expect(read(renamed, { scores: "prob_" })).rejects.toThrow(/no column begins with "prob_"/);
  const { P_b: _, ...without } = renamed;
  await expect(read(without, { scores: "P_" })).rejects.toThrow(/class b has no column .* P_b$/);
});

test("a column in several roles, and columns named like what every object has", async () => {
  const rows: Rows = { constructor: [1, 0, 1], __proto__x: [1, 1, 0] };
  const { predictions } = await read(rows, {
    truth: "constructor",
    predicted: "__proto__x",
    groups: ["constructor"],
  });
  expect(predictions.groups["constructor"]).toEqual({
    values: ["0", "1"],
    codes: Int32Array.of(1, 0, 1),
  });
  const path = file("inherited.jsonl", '{"y":1,"p":1,"toString":"a"}\n{"y":0,"p":1}\n');
  const inherited = await readPredictionTable(path, { ...COLUMNS, groups: ["toString"] });
  expect(inherited.predictions.groups["toString"]!.codes).toEqual(Int32Array.of(0, -1));
});
