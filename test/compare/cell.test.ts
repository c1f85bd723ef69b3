/** @file Cells: chosen on validation alone, measured on test; what cannot be done says why. */
import { describe, expect, test } from "vitest";
import { type CellOutcome, type Method, runCell } from "../../src/compare/cell.ts";
import type { FitContext, Part } from "../../src/compare/recipe.ts";
import { methodsOf } from "../../src/compare/recipes.ts";
import type { DoneCell } from "../../src/compare/result.ts";
import { type Parts, partsOf } from "../../src/compare/splits.ts";
import { openStand } from "../../src/compare/stand.ts";
import { type TaskReport, tasksOf } from "../../src/compare/tasks.ts";
import { CompareConfigSchema } from "../../src/run/config/compare.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { random } from "../../src/run/random.ts";
import { plantedRows, SETTINGS, SPLIT, TASK } from "./planted.ts";

const ALL = methodsOf({ embeddings: { file: "", normalise: true } }, onnxEngine({ threads: 1 }));

const run = (method: Method, parts: Parts, task: TaskReport = TASK): Promise<CellOutcome> =>
  runCell(method, { task: task.id, seed: 0 }, () => openStand(task, 0, parts, SETTINGS), SETTINGS);

async function done(method: Method, parts: Parts, task?: TaskReport): Promise<DoneCell> {
  const { cell } = await run(method, parts, task);
  if (cell.status !== "done") throw new Error(cell.reason);
  return cell;
}

const byName = (name: string): Method => ALL.find((method) => method.name === name)!;
const PARTS = partsOf(plantedRows(), SPLIT, 0);

/** The test part with every label wrong, and with the embeddings of other rows. */
function sabotaged({ test: part, ...rest }: Parts): Parts {
  const { rows, x, d } = part;
  const other: Record<string, string> = { yes: "no", no: "yes" };
  const order = random("sabotage").shuffle([...rows.keys()]);
  const shuffled = new Float32Array(x.length);
  order.forEach((from, to) => shuffled.set(x.subarray(from * d, (from + 1) * d), to * d));
  return {
    ...rest,
    test: {
      rows: rows.map((row) => ({
        ...row,
        labels: { ...row.labels, target: other[row.labels["target"]!]! },
      })),
      x: shuffled,
      d,
    },
  };
}

describe("nothing is chosen on test", () => {
  test.each(ALL)("$name: other labels and embeddings in test change no choice", async (method) => {
    const before = await done(method, PARTS);
    const after = await done(method, sabotaged(PARTS));
    expect(after.chosen).toBe(before.chosen);
    expect(after.trials).toEqual(before.trials);
    // the test part was another one indeed
    expect(after.test.overall.accuracy.value).not.toBe(before.test.overall.accuracy.value);
  });

  test("a fit that asks for test rows does not compile", () => {
    const peek = (context: FitContext): Part =>
      // @ts-expect-error test rows are not among what a method may look at
      context.test;
    expect(peek({} as FitContext)).toBeUndefined();
  });
});

test("where no setting meets the constraints, one that keeps the accuracy is taken", async () => {
  const [, , leace] = methodsOf(
    {
      embeddings: { file: "", normalise: true },
      methods: [{ name: "leace", alpha: [0.25, 0.5, 0.75, 1], k: [1, 2] }],
    },
    onnxEngine({ threads: 1 }),
  );
  const { trials, chosen } = await done(leace!, PARTS);
  const kept = trials.filter(({ checks }) => checks.at(-1)!.violation === 0);
  expect(trials.some(({ feasible }) => feasible)).toBe(false);
  expect(kept.length).toBeLessThan(trials.length);
  const largest = ({ checks }: (typeof trials)[number]) =>
    Math.max(...checks.map(({ violation }) => violation!));
  expect(kept).toContain(trials[chosen]);
  expect(largest(trials[chosen]!)).toBe(Math.min(...kept.map(largest)));
});

describe("numbers of a cell", () => {
  test("the change is that of the two tests, and the base has none", async () => {
    const [base, leace] = [await done(byName("base"), PARTS), await done(byName("leace"), PARTS)];
    expect(base.change).toBeNull();
    const { accuracy } = leace.change!.overall;
    expect(accuracy.value).toBeCloseTo(
      leace.test.overall.accuracy.value! - base.test.overall.accuracy.value!,
      12,
    );
    for (const metric of ["eo.max", "di", "max_skew"] as const)
      expect(leace.change!.attributes["concept"]![metric].value).toBeCloseTo(
        leace.test.attributes["concept"]![metric].value! -
          base.test.attributes["concept"]![metric].value!,
        12,
      );
  });

  /** Answers that follow from what the base says and from a row's labels. */
  const answering = (
    answer: (predicted: number, labels: Readonly<Record<string, string>>) => number,
  ): Method => ({
    name: "answering",
    recipe: {
      summary: "knows more than it should",
      caveat: null,
      groupAtInference: true,
      fit: async ({ base }) => [
        {
          setting: {},
          predict: (part) => {
            const { scores, predicted } = base.predict(part);
            return { scores, predicted: predicted.map((c, i) => answer(c, part.rows[i]!.labels)) };
          },
          embed: null,
        },
      ],
    },
  });

  test("a method that helps is reported so", async () => {
    const truth = answering((_, { target }) => (target === "yes" ? 1 : 0));
    const { change, trials, test: after } = await done(truth, PARTS);
    expect(after.attributes["concept"]!["eo.max"].value).toBe(0);
    expect(change!.overall.accuracy.verdict).toBe("better");
    expect(change!.attributes["concept"]!["eo.max"].verdict).toBe("better");
    expect(trials[0]!.feasible).toBe(true);
  });

  test("a method that makes things worse is reported so", async () => {
    const contrary = answering((c, { concept }) => (concept === "b" ? 0 : c));
    const { change, trials } = await done(contrary, PARTS);
    expect(change!.overall.accuracy.verdict).toBe("worse");
    expect(change!.attributes["concept"]!["eo.max"].verdict).toBe("worse");
    expect(trials[0]!.feasible).toBe(false);
  });

  test("methods on class prompts are measured against the class prompts", async () => {
    const prototype = await done(byName("prototype"), PARTS);
    const projected = await done(byName("prompt-orth"), PARTS);
    expect(projected.change!.overall.accuracy.value).toBeCloseTo(
      projected.test.overall.accuracy.value! - prototype.test.overall.accuracy.value!,
      12,
    );
  });
});

describe("what cannot be done says why", () => {
  test("a method that throws has failed, with its reason", async () => {
    const broken: Method = {
      name: "broken",
      recipe: {
        summary: "",
        caveat: null,
        groupAtInference: false,
        fit: () => Promise.reject(new Error("out of luck")),
      },
    };
    const { cell, predictions } = await run(broken, PARTS);
    expect(cell).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("out of luck"),
    });
    expect(predictions).toBeNull();
  });

  test("a concept with one class does not apply", async () => {
    const { rows, ...data } = plantedRows();
    const one = rows.map((row) => ({ ...row, labels: { ...row.labels, concept: "a" } }));
    const { cell } = await run(byName("leace"), partsOf({ rows: one, ...data }, SPLIT, 0));
    expect(cell).toMatchObject({
      status: "not-applicable",
      reason: "every train row has concept=a, so there is nothing to remove",
    });
  });

  test.each(["aware", "zealous"])("a target class without train rows: %s", async (rare) => {
    const { train, validation, test: part } = PARTS;
    const rows = part.rows.map((row, i) =>
      i < 5 ? { ...row, labels: { ...row.labels, target: rare } } : row,
    );
    const classes = ["no", rare, "yes"].toSorted();
    const parts = { train, validation, test: { ...part, rows }, problems: [] };
    const { cell } = await run(byName("prototype"), parts, { ...TASK, classes, positive: null });
    expect(cell).toMatchObject({
      status: "failed",
      reason: expect.stringContaining(`no train row has target=${rare}`),
    });
  });

  test.each(["target", "concept"])("a class of %s with three rows", async (attribute) => {
    const { rows, ...data } = plantedRows();
    const rare = rows.map((row, i) =>
      i < 3 ? { ...row, labels: { ...row.labels, [attribute]: "rare" } } : row,
    );
    const parts = partsOf({ rows: rare, ...data }, SPLIT, 0);
    const task: TaskReport =
      attribute === "target" ? { ...TASK, classes: ["no", "rare", "yes"], positive: null } : TASK;
    const stand = openStand(task, 0, parts, SETTINGS);
    const place = { task: task.id, seed: 0 };
    const some = ["base", "prototype", "leace", "pca-pair", "bendvlm"].map(byName);
    const cells = await Promise.all(
      some.map((method) => runCell(method, place, () => stand, SETTINGS)),
    );
    // every method says something, and what is undefined is null with a reason
    for (const { cell } of cells) {
      if (cell.status !== "done") throw new Error(`${cell.method}: ${cell.reason}`);
      for (const of of Object.values(cell.test.attributes["concept"]!))
        expect(of.value === null ? of.reason : of.value).toBeDefined();
    }
  });
});

describe("tasks", () => {
  const config = (task: object) =>
    CompareConfigSchema.parse({
      name: "made",
      embeddings: { file: "made.npy" },
      data: { source: "csv", path: "made.csv", attributes: ["target"] },
      tasks: [{ target: "target", sensitive: ["concept"], ...task }],
    });
  const { rows } = plantedRows();

  test("a concept that is the target, or tells it, erases the task itself, and the note says so", () => {
    const [same] = tasksOf(config({ concepts: ["target"] }), rows);
    expect(same!.notes).toEqual([
      "target is both what is predicted and what is removed: a method that works erases the task itself",
    ]);
    const finer = rows.map((row, i) => ({
      ...row,
      labels: { ...row.labels, finer: `${row.labels["target"]}-${i % 2}` },
    }));
    const [tells] = tasksOf(config({ concepts: ["finer"] }), finer);
    expect(tells!.notes).toEqual([
      "finer tells target of every row: a method that removes finer erases the task itself",
    ]);
    expect(tasksOf(config({}), rows)[0]!.notes).toEqual([]);
  });

  test("an attribute that no row has is named", () => {
    expect(() => tasksOf(config({ utility: ["height"] }), rows)).toThrow(
      'tasks.0: row-0 has no attribute "height"; expected one of target, concept, shape',
    );
  });

  test("groups may be intersections; what is predicted, removed or kept may not", () => {
    const both = "concept*shape";
    expect(tasksOf(config({ sensitive: [both], concepts: ["concept"] }), rows)).toHaveLength(1);
    for (const wrong of [{ sensitive: [both] }, { concepts: [both] }, { utility: [both] }])
      expect(() => tasksOf(config(wrong), rows)).toThrow(`row-0 has no attribute "${both}"`);
  });
});
