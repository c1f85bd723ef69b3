/** @file Summaries of networks as values, tables and diagrams. */
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { ARCHITECTURE_NAMES } from "../../../src/model/cnn/architectures.ts";
import { cnnConfig } from "../../../src/model/cnn/model.ts";
import { summarize } from "../../../src/model/cnn/summary.ts";
import { networkDiagram } from "../../../src/report/charts/network.ts";
import { networkTable } from "../../../src/report/tables/network.ts";
import { tableText } from "../../../src/report/terminal/table.ts";

const summaryOf = (architecture: string) => summarize(cnnConfig({ architecture }));

test("totals are the study's", () => {
  const totals = ["ward", "serawan", "tripathi", "aghav"].map((name) => summaryOf(name).parameters);
  expect(totals).toEqual([4_426_945, 17_157_512, 1_567_874, 6_536_834]);
  const { parts } = summaryOf("aghav");
  expect(parts.map(({ head, parameters }) => [head, parameters])).toEqual([
    [null, 92_672],
    ["age", 3_221_761],
    ["gender", 3_222_401],
  ]);
});

test("rows add up to their parts, and parts to the whole", () => {
  const sum = (rows: readonly { readonly parameters: number }[]) =>
    rows.reduce((total, { parameters }) => total + parameters, 0);
  for (const name of ARCHITECTURE_NAMES) {
    const { parts, parameters } = summaryOf(name);
    expect(sum(parts)).toBe(parameters);
    for (const part of parts) expect(sum(part.rows)).toBe(part.parameters);
  }
});

test("words for layers and outputs", () => {
  const { parts } = summaryOf("tripathi");
  expect(parts[0]!.rows.slice(0, 4).map(({ what }) => what)).toEqual([
    "conv 3x3, 32, padding same, L2 0.001",
    "dropout 0.1",
    "ReLU",
    "max pool 2x2",
  ]);
  expect(summaryOf("serawan").parts.map(({ output }) => output)).toEqual([
    null,
    "linear, number / 116",
    "softmax, 5 classes",
    "softmax, 2 classes",
  ]);
  const rows = summaryOf("resnet18").parts[0]!.rows;
  expect(rows.find(({ name }) => name === "layer2.0.sum")!.what).toBe(
    "residual: conv 3x3, 128, stride 2 + conv 3x3, 128; shortcut conv 1x1, 128, stride 2",
  );
  expect(rows.find(({ name }) => name === "layer2.0.bn1")!.within).toBe("layer2.0.sum");
});

test("the table on a terminal", () => {
  const config = cnnConfig({ architecture: "tripathi", compat: ["raw-pixels"] });
  const table = networkTable(summarize(config));
  const text = tableText(table, { columns: 100, color: false, unicode: true });
  expect(text).toMatch(/cnn:tripathi, images of 100x100x1/);
  expect(text).toMatch(/conv1\s+conv 3x3, 32, padding same, L2 0\.001\s+100x100x32\s+320/);
  expect(text).toMatch(/pool4\s+max pool 2x2\s+6x6x256/);
  expect(text).toMatch(/all\s+1,567,874/);
  expect(text).toMatch(/Published flaw, asked for: raw-pixels: pixels of 0 to 255/);
  expect(networkTable(summaryOf("small")).notes).toEqual([
    "Besides, 1,472 running statistics, which follow the batches.",
  ]);
});

test.each(ARCHITECTURE_NAMES)(
  "the diagram of %s: a box for every step, all within the picture",
  (name) => {
    const summary = summaryOf(name);
    const svg = networkDiagram(summary).text;
    const { document } = parseHTML(`<body>${svg}</body>`);
    const number = (element: Element, attribute: string) => Number(element.getAttribute(attribute));
    const root = document.querySelector("svg")!;
    const boxes = [...document.querySelectorAll("rect")];
    for (const box of boxes) {
      expect(number(box, "x")).toBeGreaterThanOrEqual(0);
      expect(number(box, "x") + number(box, "width")).toBeLessThanOrEqual(number(root, "width"));
      expect(number(box, "y") + number(box, "height")).toBeLessThan(number(root, "height"));
    }
    const starts = summary.parts.flatMap(({ rows }) =>
      rows.filter(
        ({ kind, within }) =>
          within === null &&
          ["conv", "dense", "residual", "flatten", "globalAvgPool"].includes(kind),
      ),
    );
    expect(boxes).toHaveLength(starts.length);
    const text = document.querySelector("svg")!.textContent!;
    for (const { head, output } of summary.parts)
      if (head) expect(text).toContain(`${head}: ${output}`);
    expect(text).toContain(summary.parts[0]!.rows.at(-1)!.output);
  },
);
