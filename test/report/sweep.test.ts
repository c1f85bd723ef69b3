/** @file A sweep as people read it. */
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { sweepFindings } from "../../src/report/sweep/findings.ts";
import { sweepMarkdown } from "../../src/report/sweep/markdown.ts";
import { sweepHtml } from "../../src/report/sweep/page.ts";
import { varianceTable } from "../../src/report/sweep/tables.ts";
import { sweepText } from "../../src/report/sweep/text.ts";
import { plantedSweep } from "../train/sweeps.ts";
import { feasibleReport } from "./sample.ts";

const RESULT = plantedSweep();
const REPORT = { title: "planted", run: feasibleReport().run, result: RESULT };

test("the reason why class centring fails is printed with its two numbers", () => {
  const [why, , axis] = sweepFindings(RESULT);
  const numbers = [...why!.text.matchAll(/holds (\d\.\d{3})/g)].map(([, number]) => Number(number));
  expect(numbers).toHaveLength(2);
  expect(numbers[0]).toBeLessThan(0.1);
  expect(numbers[1]).toBeGreaterThan(0.9);
  expect(why!.text).toMatch(/That is why \w+ stays\./);
  expect(axis!.text).toMatch(
    /alone in a batch 100\.0% of the faces are angular.*Over the texts none changes/,
  );
});

test("where class centring finds the difference all the same, it is not said to fail", () => {
  const fits = RESULT.fits.map((fit) => ({ ...fit, image: { ...fit.image, signal: [0.93] } }));
  const found = { ...RESULT, fits };
  const [why] = sweepFindings(found);
  expect(why!.tone).toBe("unclear");
  expect(why!.text).toContain("found all the same");
  expect(why!.text).not.toContain("stays");
});

test("what was chosen is called better only by its paired change on test", () => {
  const chosen = sweepFindings(RESULT).find(({ text }) => text.startsWith("Corrected"))!;
  expect(chosen.tone).toBe("better");
  const [first, ...others] = RESULT.sides;
  const last = others.pop()!;
  const change = {
    ...last.test.change!,
    gap: { ...last.test.change!.gap, verdict: "unclear" as const },
  };
  const unclear = {
    ...RESULT,
    sides: [first!, ...others, { ...last, test: { ...last.test, change } }],
  };
  expect(sweepFindings(unclear).find(({ text }) => text.startsWith("Corrected"))!.tone).toBe(
    "unclear",
  );
});

test.each([60, 120])("no line is wider than %i columns", (columns) => {
  const lines = sweepText(RESULT, { columns, color: false, unicode: true }).split("\n");
  expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(columns);
});

test("the page has a chart of each kind, and marks what was chosen", () => {
  const { document } = parseHTML(sweepHtml(REPORT));
  const titles = [...document.querySelectorAll("figcaption")].map(({ textContent }) => textContent);
  expect(titles).toContain("Accuracy and eo.max by tone on validation");
  expect(titles).toContain("How much of tone the first k directions hold");
  expect(titles.filter((title) => title === "accuracy")).toHaveLength(6);
  expect(titles.filter((title) => title?.startsWith("matched pairs"))).toHaveLength(2);
  expect(document.querySelector("#strengths")!.textContent).toContain("chosen on validation");
});

test("explained variance is told by direction and up to it, and why the study's k is no removal", () => {
  const { rows } = varianceTable(RESULT);
  expect(rows).toHaveLength(3 + 2 * 3); // pooled; images and texts apart
  for (const [, , ...cells] of rows)
    for (const [i, { text, detail }] of cells.entries())
      if (text !== "n/a")
        expect(Number.parseFloat(detail!)).toBeGreaterThanOrEqual(
          Number.parseFloat(cells[i - 1]?.detail ?? text),
        );
  expect(
    sweepFindings(RESULT)
      .map(({ text }) => text)
      .join("\n"),
  ).toMatch(/Here \d+ of \d+ hold (?:9\d\.\d|100\.0)% of it/);
});

test("Markdown holds both sides and every strength", () => {
  const text = sweepMarkdown(REPORT);
  expect(text).toContain("the study, as published");
  expect(text.match(/^### accuracy: /gm)).toHaveLength(6);
});
