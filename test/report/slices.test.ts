/** @file Slices as people read them: on a terminal, as Markdown, whatever is in their names. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import type { Slices } from "../../src/eval/report/slices.ts";
import { tableMarkdown } from "../../src/report/markdown.ts";
import { compactSliceTable, sliceTable } from "../../src/report/tables/slices.ts";
import { tableText } from "../../src/report/terminal/table.ts";

/** Three in ten of a=0 are wrong, six in ten of those with b=0, one in ten of everyone else. */
function predictionsOf(names: readonly string[], values: readonly string[]): Predictions {
  const n = 5400;
  const code = (i: number, of: number): number => Math.floor(i / of) % 3;
  const wrong = (i: number): boolean => {
    const [a, b, tenth] = [code(i, 1), code(i, 3), Math.floor(i / 9) % 10];
    return tenth < (a === 0 ? (b === 0 ? 6 : 3) : 1);
  };
  const truth = Int32Array.from({ length: n }, (_, i) => Math.floor(i / 90) % 2);
  const column = (of: number) => ({ values, codes: truth.map((_, i) => code(i, of)) });
  return {
    classes: ["no", "yes"],
    truth,
    predicted: truth.map((t, i) => (wrong(i) ? 1 - t : t)),
    groups: { [names[0]!]: column(1), [names[1]!]: column(3) },
  };
}

const OPTIONS = { positive: "yes", slices: true, uncertainty: { replicates: 0 } };
const slicesOf = (predictions: Predictions): Slices => evaluate(predictions, OPTIONS).slices!;

const slices = slicesOf(predictionsOf(["race", "age"], ["x", "y", "z"]));
const terminal = (columns: number) => ({ columns, color: false, unicode: true });

describe("the table", () => {
  const table = sliceTable(slices);
  const cells = table.rows.map((row) => row.map(({ text, detail }) => [text, detail]));

  it("has the worst first, with what it is within, and both rates", () => {
    const accuracy = cells.filter((row) => row[1]![0] === "accuracy");
    expect(accuracy.map(([name]) => name)).toEqual([
      ["race=x & age=x", "within race=x"],
      ["race=x", undefined],
    ]);
    const [worst] = accuracy;
    expect(worst![2]![0]).toBe("600");
    expect(worst![3]).toEqual([
      "0.400",
      expect.stringMatching(/^\[0\.36\d, 0\.4[34]\d\] 240\/600$/),
    ]);
    expect(worst![4]![0]).toMatch(/^0\.8/);
    expect(worst![5]![0]).toMatch(/^-0\.4/);
    expect(worst![6]).toEqual(["<0.001", undefined]);
  });

  it("says how many were tested and what became of the others", () => {
    expect(table.notes[0]).toContain(
      `${slices.tested} slices by rate were tested, of up to 2 of race, age. Those listed`,
    );
    expect(slices.explained).toBeGreaterThan(0);
    expect(table.notes).toContain(
      `${slices.explained} more are worse off only because they overlap with those listed.`,
    );
    const few = sliceTable({ ...slices, unlisted: 7, skipped: 1234 }).notes;
    expect(few).toContain("7 more are worse off by less.");
    expect(few).toContain("1,234 more have fewer than 30 rows, and were not tested.");
  });

  it("says so when there are none", () => {
    const { notes } = sliceTable({ ...slices, found: [], explained: 0, skipped: 0 });
    expect(notes).toEqual([
      `${slices.tested} slices by rate were tested, of up to 2 of race, age. None is evidently worse off than everyone else.`,
    ]);
  });

  it("names the class of a multi-class target", () => {
    const [first] = slices.found;
    const { rows } = sliceTable({ ...slices, found: [{ ...first!, class: "maybe" }] });
    expect(rows[0]![1]!.detail).toBe("class maybe");
  });
});

it("has a short form: the first five, and how many more", () => {
  const [first] = slices.found;
  const many = { ...slices, found: Array.from({ length: 10 }, () => first!), unlisted: 5 };
  const { rows, notes } = compactSliceTable(many)!;
  expect(rows.length).toBe(5);
  expect(rows[0]!.map(({ text }) => text)).toEqual(
    expect.arrayContaining(["race=x & age=x", "600"]),
  );
  expect(notes).toEqual(["10 more are worse off by less."]);
  expect(compactSliceTable({ ...slices, found: [first!] })!.notes).toEqual([]);
  expect(compactSliceTable({ ...slices, found: [] })).toBeNull();
});

it.each([200, 80, 40])("fits %i columns", (columns) => {
  const lines = tableText(sliceTable(slices), terminal(columns)).split("\n");
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
});

it("is no markup, wherever names come from", () => {
  const hostile = slicesOf(predictionsOf(["<b>a|b*c</b>", "x & y=z"], ["<script>", "p|q", "r"]));
  const text = tableMarkdown(sliceTable(hostile));
  expect(text).not.toMatch(/(?<!\\)<(script|b)/);
  const widths = text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split(/(?<!\\)\|/).length);
  expect(new Set(widths).size).toBe(1);
  expect(widths.length).toBe(hostile.found.length + 2);
  const [first] = hostile.found;
  const escape = { ...first!, where: { a: "\u001b[31mred" } };
  expect(tableText(sliceTable({ ...hostile, found: [escape] }), terminal(80))).not.toContain(
    "\u001b",
  );
});
