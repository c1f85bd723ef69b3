/** @file From a config to splits: what is read, left out, kept together, sampled and copied, and what is refused. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeCopies } from "../../src/data/copies.ts";
import { writeCsv } from "../../src/data/csv.ts";
import { type Row, SPLITS } from "../../src/data/row.ts";
import { makeSyntheticFaces } from "../../src/data/synthetic.ts";
import { parseConfig } from "../../src/run/config/load.ts";
import { UsageError } from "../../src/run/errors.ts";
import { silent } from "../../src/run/progress.ts";
import { type Dataset, prepareDataset } from "../../src/train/dataset.ts";
import { defaultConstraints } from "../../src/train/judge.ts";

let root: string;
let drawn: readonly Row[];
/** A table of 240 drawn faces without splits; 20 of them twice, the second time scaled and compressed. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "equiclip-dataset-"));
  const faces = await makeSyntheticFaces(join(root, "faces"), { count: 240, size: 64, seed: 2 });
  drawn = faces.rows;
  await mkdir(join(root, "twins"));
  const twins = await Promise.all(
    drawn.slice(0, 20).map(async (row, i) => {
      const id = `twins/${i}.jpg`;
      await sharp(row.path).resize(90).jpeg({ quality: 70 }).toFile(join(root, id));
      return { ...row, id };
    }),
  );
  const line = ({ id, labels }: Row, file = id): string =>
    [file, labels["style"], labels["tone"], labels["age_band"]].join(",");
  const lines = [
    ...drawn.map((row) => line(row, `faces/${row.id}`)),
    ...twins.map((row) => line(row)),
  ];
  await writeFile(join(root, "all.csv"), ["image,style,tone,age_band", ...lines].join("\n"));
});
afterAll(() => rm(root, { recursive: true }));

const dataset = (...settings: readonly string[]): Promise<Dataset> =>
  prepareDataset(
    parseConfig(
      "test.yaml",
      `
name: test
data: { source: csv, path: ${join(root, "all.csv")}, target: style, sensitive: [tone] }
model: { from: preset:tiny }
`,
      settings,
    ),
    silent,
    null,
  );
const everyRow = ({ rows }: Dataset): Row[] => SPLITS.flatMap((split) => rows[split]);
const ids = (rows: readonly Row[]): string[] => rows.map((row) => row.id);

describe("splits", () => {
  test("every row once, and near-duplicates on one side", async () => {
    const data = await dataset();
    const rows = everyRow(data);
    expect(new Set(ids(rows)).size).toBe(260);
    expect(rows).toHaveLength(260);
    const splitOf = new Map(rows.map((row) => [row.id, row.split]));
    for (let i = 0; i < 20; i++)
      expect(splitOf.get(`twins/${i}.jpg`)).toBe(splitOf.get(`faces/${drawn[i]!.id}`));
    expect(data.problems.filter((line) => line.includes("near-duplicates"))).toEqual([]);

    const torn = await dataset("data.duplicates=bytes");
    const side = new Map(everyRow(torn).map((row) => [row.id, row.split]));
    const cut = drawn
      .slice(0, 20)
      .filter(({ id }, i) => side.get(`faces/${id}`) !== side.get(`twins/${i}.jpg`));
    expect(cut).not.toEqual([]);
  });

  test("over all folds every row is tested once, and the rest divided as asked", async () => {
    const folds = await Promise.all(
      [0, 1, 2].map((index) =>
        dataset(`split.fold={ k: 3, index: ${index} }`, "split.train=0.8", "split.validation=0.2"),
      ),
    );
    const tested = folds.flatMap(({ rows }) => ids(rows.test));
    expect(tested.toSorted()).toEqual(ids(everyRow(folds[0]!)).toSorted());
    for (const { rows } of folds) {
      const rest = rows.train.length + rows.validation.length;
      expect(rows.validation.length / rest).toBeGreaterThan(0.17);
      expect(rows.validation.length / rest).toBeLessThan(0.23);
    }
  });

  test("a sample has so many rows of each label, and leaves the test split whole", async () => {
    const whole = await dataset();
    const { rows } = await dataset("split.sample={ by: style, train: 30, validation: 8 }");
    const count = (of: readonly Row[], style: string): number =>
      of.filter((row) => row.labels["style"] === style).length;
    for (const style of ["angular", "rounded"]) {
      expect(count(rows.train, style)).toBe(30);
      expect(count(rows.validation, style)).toBe(8);
    }
    expect(ids(rows.test)).toEqual(ids(whole.rows.test));
  });

  test("copies are made of train alone, after the split", async () => {
    const data = await dataset("balance={ method: priority, attributes: [tone, style] }");
    const train = new Set(ids(data.trainBefore));
    const copies = everyRow(data).filter((row) => row.origin !== null);
    expect(copies.length).toBe(data.balance!.added.length);
    expect(copies.length).toBeGreaterThan(0);
    for (const copy of copies) {
      expect(copy.split).toBe("train");
      expect(train.has(copy.origin!)).toBe(true);
    }
    expect(data.rows.test).toEqual((await dataset()).rows.test);
  });

  test("rows of weight 0 are not trained on, but measured with the others", async () => {
    const text = drawn.map(
      ({ id, labels, split }, i) =>
        `faces/${id},${labels["style"]},${labels["tone"]},${split},${i % 3 === 0 ? 0 : 2}`,
    );
    const file = join(root, "weighed.csv");
    await writeFile(file, ["image,style,tone,part,w", ...text].join("\n"));
    const columns = ["data.splitColumn=part", "data.weightColumn=w"];
    const { rows } = await dataset(`data.path=${file}`, ...columns);
    expect(rows.train.every((row) => row.weight === 2)).toBe(true);
    expect(rows.test.some((row) => row.weight === 0)).toBe(true);
  });
});

describe("as published: balanced, then split", () => {
  const compat = "balance={ method: priority, attributes: [tone, style], compat: true }";

  test("copies of training pictures are in test, and the plan says of how many rows", async () => {
    const data = await dataset(compat, "data.duplicates=ignore");
    const plan = data.balance!;
    expect([plan.compat, plan.before, plan.after]).toEqual([true, 260, 260]);
    const copies = everyRow(data).filter((row) => row.origin !== null);
    expect(copies).toHaveLength(plan.added.length);
    const picture = (row: Row): string => row.origin ?? row.id;
    for (const split of ["validation", "test"] as const) {
      const known = data.rows[split].filter((row) =>
        data.rows.train.some((other) => picture(other) === picture(row)),
      );
      expect(known.length).toBeGreaterThan(0);
      const line = `${known.length} of ${data.rows[split].length} rows of ${split} are a copy or the original of a picture in train`;
      expect(data.problems.filter((problem) => problem.startsWith(line))).toHaveLength(1);
    }
    expect(data.trainBefore).toEqual(data.rows.train);
    expect(data.unbalanced).toHaveLength(260);
  });

  test("the corrected order has no such row", async () => {
    const data = await dataset(compat.replace(", compat: true", ""), "data.duplicates=ignore");
    expect(data.balance!.added.length).toBeGreaterThan(0);
    expect(data.problems.join()).not.toMatch(/copy|copies/);
  });

  test("rows that have a split cannot be balanced before it", async () => {
    const lines = drawn.map(
      ({ id, labels, split }) => `faces/${id},${labels["style"]},${labels["tone"]},${split}`,
    );
    await writeFile(join(root, "parted.csv"), ["image,style,tone,part", ...lines].join("\n"));
    const given = [`data.path=${join(root, "parted.csv")}`, "data.splitColumn=part"];
    await expect(dataset(compat, ...given)).rejects.toThrow(
      /expected rows without a split; with compat all are balanced before they are split/,
    );
  });
});

describe("a part of the rows", () => {
  test("the first in listing order, then thinned; the rest is nowhere", async () => {
    const listed = drawn.slice(0, 100).map(({ id }) => `faces/${id}`);
    const first = await dataset("data.select.first=100");
    expect(ids(everyRow(first)).toSorted()).toEqual(listed.toSorted());

    const tone = (rows: readonly Row[], name: string): number =>
      rows.filter((row) => row.labels["tone"] === name).length;
    const thinned = await dataset(
      "data.select={first: 100, thin: [{attribute: tone, match: jade, keep: 0}, {attribute: tone, match: amber, keep: 0.3}]}",
    );
    const rows = everyRow(thinned);
    expect(tone(rows, "jade")).toBe(0);
    expect(tone(rows, "amber")).toBe(Math.round(0.3 * tone(everyRow(first), "amber")));
    expect(tone(rows, "violet")).toBe(tone(everyRow(first), "violet"));
  });

  test.each([
    ["data.select.thin=[{attribute: hair, match: red, keep: 0}]", /no attribute "hair"/],
    [
      "data.select.thin=[{attribute: tone, match: [1, 2], keep: 0}]",
      /thin: tone is "\w+" of .*expected a number to be within \[1, 2\]/,
    ],
    ["data.select.first=0", /data.select.first/],
    [
      "data.select={first: 3, thin: [{attribute: tone, match: jade, keep: 0}, {attribute: tone, match: amber, keep: 0}, {attribute: tone, match: cobalt, keep: 0}, {attribute: tone, match: violet, keep: 0}]}",
      /data.select: expected rows, received none of 3/,
    ],
  ])("%s is refused", async (setting, message) => {
    await expect(async () => dataset(setting)).rejects.toThrow(message);
  });
});

describe("classes", () => {
  test("are sorted, or as given; the last of two is positive", async () => {
    expect((await dataset()).task).toMatchObject({
      classes: ["angular", "rounded"],
      positive: "rounded",
    });
    const turned = await dataset("data.classes=[rounded, angular]");
    expect(turned.task).toMatchObject({ classes: ["rounded", "angular"], positive: "angular" });
    const tones = await dataset("data.target=tone", "data.sensitive=[style]");
    expect(tones.task.positive).toBeNull();
  });

  test("that are excluded are nowhere", async () => {
    const data = await dataset("data.target=tone", "data.sensitive=[style]", "data.exclude=[jade]");
    expect(data.task.classes).toEqual(["amber", "cobalt", "violet"]);
    expect(everyRow(data).filter((row) => row.labels["tone"] === "jade")).toEqual([]);
  });

  test("an intersection is measured, and splits are stratified by its parts", async () => {
    const data = await dataset("data.intersections=[[tone, age_band]]");
    expect(data.task.attributes).toEqual(["tone", "tone*age_band"]);
    expect(data.split.stratify).toEqual(["style", "tone", "age_band"]);
  });
});

describe("refused", () => {
  test.each([
    ["data.positive=square", /data.positive: "square" is not a class of style: angular, rounded/],
    ["data.exclude=[angular]", /has 1 class, expected at least two/],
    ["debias.attribute=hair", /debias.attribute: hair is not measured.*choose one of tone/],
    ["split={ train: 259, validation: 1, test: 0 }", /split.validation: no row with style=/],
    ["split.by=[hair]", /no attribute "hair"/],
    ["data.sensitive=[hair]", /missing column "hair"/],
  ])("%s", async (setting, message) => {
    const thrown = await dataset(setting).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(UsageError);
    expect(String(thrown)).toMatch(message);
    expect(String(thrown)).not.toContain("\n");
  });
});

describe("copies and folds", () => {
  test("no split of a UTKFace folder cuts a face from its copies or its twins", async () => {
    const folder = join(root, "utkface");
    await mkdir(folder);
    const name = (i: number): string => `${20 + (i % 40)}_${i % 2}_${i % 5}_2017${i}.jpg`;
    await Promise.all(
      drawn.slice(0, 80).map(async ({ path }, i) => {
        await copyFile(path, join(folder, name(i)));
        if (i % 3 === 0) await copyFile(path, join(folder, name(1000 + i))); // equal bytes
        const other = drawn[80 + i]!.path; // as unlike as noise and rotation may make it
        if (i % 4 === 0) await copyFile(other, join(folder, `${name(i)}7.jpg`));
      }),
    );
    const data = `data={source: utkface, path: ${folder}, target: gender, sensitive: [race]}`;
    for (const seed of [0, 1, 2]) {
      const read = await dataset(data, `seed=${seed}`);
      const splitOf = new Map(everyRow(read).map((row) => [row.id, row.split]));
      expect(splitOf.size).toBe(80 + 27 + 20);
      for (let i = 0; i < 80; i++) {
        if (i % 3 === 0) expect(splitOf.get(name(1000 + i))).toBe(splitOf.get(name(i)));
        if (i % 4 === 0)
          expect([splitOf.get(`${name(i)}7.jpg`), splitOf.get(name(i))]).toEqual([
            "train",
            "train",
          ]);
      }
      expect(read.problems.join()).not.toMatch(/copy|copies|near-duplicates/);
    }
  });

  test("a manifest written by balancing keeps copies in train, beside their origins", async () => {
    const plan = await dataset(
      "balance={method: priority, attributes: [tone, style], maxCopies: 2}",
    );
    expect(plan.balance!.added.length).toBeGreaterThan(0);
    const written = join(root, "balanced.csv");
    const train = await writeCopies(plan.rows.train, join(root, "copies"), 0);
    await writeCsv(written, [...train, ...plan.rows.validation, ...plan.rows.test]);
    const again = await dataset(`data.path=${written}`, "data.duplicates=ignore");
    const splitOf = new Map(everyRow(again).map((row) => [row.id, row.split]));
    const copies = everyRow(again).filter((row) => row.origin !== null);
    expect(copies).toHaveLength(plan.balance!.added.length);
    for (const copy of copies)
      expect([copy.split, splitOf.get(copy.origin!)]).toEqual(["train", "train"]);
  });

  test("folds cut no near-duplicates of rows that had a split", async () => {
    const lines = everyRow(await dataset()).map(({ id, labels }, i) =>
      [id, labels["style"], labels["tone"], SPLITS[i % 3]].join(","),
    );
    await writeFile(join(root, "given.csv"), ["image,style,tone,split", ...lines].join("\n"));
    const given = [`data.path=${join(root, "given.csv")}`, "data.splitColumn=split"];
    const cut = await dataset(...given);
    expect(cut.problems.join("\n")).toContain("near-duplicates in different splits");
    const folds = await dataset(...given, "split.fold={k: 4}");
    expect(folds.problems.join("\n")).not.toContain("near-duplicates");
  });

  test("the plan counts what sampling left", async () => {
    const { split, rows } = await dataset("split.sample={by: style, train: 20}");
    const planned = split.cells.reduce((sum, { train }) => sum + train, 0);
    expect([planned, rows.train.length]).toEqual([40, 40]);
  });
});

test.each([
  [["debias.attribute=age_band"], /debias.attribute: age_band is not measured/],
  [["train.sampling=group-balanced", "train.reweight=cells"], /train.reweight: expected none/],
  [["train.ema=1"], /train.ema: expected a number < 1/],
  [
    ["data={source: synthetic, count: 60, size: 32}", "split.fold={k: 3}"],
    /split.fold: synthetic faces/,
  ],
])("%j is refused", async (settings, message) => {
  const folder = `data.folder=${join(root, "drawn")}`;
  const all = settings[0]!.includes("synthetic") ? [settings[0]!, folder, settings[1]!] : settings;
  await expect(async () => dataset(...all)).rejects.toThrow(message);
});

test("groups that are the classes themselves are held to the study's rule", () => {
  const task = { target: "smile", positive: "yes" };
  expect(defaultConstraints(task, "smile").map(({ metric }) => metric)).toEqual([
    "class.tpr_gap",
    "class.fpr_gap",
  ]);
  expect(defaultConstraints(task, "tone")).toMatchObject([{ metric: "eo.max", attribute: "tone" }]);
});
