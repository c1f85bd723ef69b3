/** @file A comparison as people read it: sentences, tables, Markdown, CSV. */
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { parseHTML } from "linkedom";
import { cellsCsv, summaryCsv } from "../../src/report/compare/csv.ts";
import { compareFindings } from "../../src/report/compare/findings.ts";
import { compareMarkdown } from "../../src/report/compare/markdown.ts";
import { compareHtml } from "../../src/report/compare/page.ts";
import { viewsOf } from "../../src/report/compare/model.ts";
import { compareText } from "../../src/report/compare/text.ts";
import type { RunFacts } from "../../src/report/model.ts";
import { makeResult } from "../compare/results.ts";

const RESULT = makeResult({
  effects: {
    "pca-class": { leakage: -0.02 },
    leace: { gap: -0.08, leakage: -0.6 },
    greedy: { gap: -0.08, accuracy: -0.1, leakage: -0.6, feasible: false },
    harmful: { gap: 0.08 },
    blunt: { accuracy: -0.3 },
    thresholds: { gap: -0.1, groupAtInference: true },
    broken: { failed: "no text side" },
  },
});
const RUN: RunFacts = {
  summary: [],
  started: "2026-11-25T22:00:00Z",
  finished: "2026-11-25T22:01:00Z",
  seconds: 60,
  imagesPerSecond: null,
  peakMemoryBytes: null,
  versions: [],
  command: "equiclip compare made.yaml",
  config: null,
};

const sentences = (result = RESULT): string[] =>
  viewsOf(result).flatMap((view) =>
    compareFindings(view).map(({ tone, text }) => `${tone}: ${text}`),
  );

test("each method is in the sentence that it has earned, and in no better one", () => {
  const said = (start: string): string => sentences().find((text) => text.startsWith(start)) ?? "";
  expect(said("better: Fairer than base, accuracy kept")).toMatch(
    /leace .*eo\.max by race -0\.0\d+ to 0\.0.* and thresholds/,
  );
  expect(said("worse: Fairer than base at the cost of accuracy")).toMatch(
    /: greedy \(accuracy -0\.\d+/,
  );
  expect(said("worse: Worse than base")).toMatch(/harmful .*eo\.max by race \+0\.08.* and blunt/);
  expect(said("worse: blunt erases the task itself")).not.toBe("");
  expect(said("unclear: No evidence")).toContain("pca-class");
  expect(said("unclear: pca-class, harmful and blunt leave race in the embeddings")).not.toBe("");
  expect(said("unclear: leace and greedy hide race")).not.toBe("");
  expect(said("muted: thresholds must be told the group")).not.toBe("");
  expect(said("muted: Infeasible on validation in every seed")).toContain("taken: greedy.");
  expect(said("muted: broken did not run: no text side")).not.toBe("");
});

test("what starts from prototypes is compared with them, and said to be", () => {
  const result = makeResult({
    effects: {
      prototype: { gap: 0.3, accuracy: -0.05 },
      "prompt-orth": { gap: 0.05, accuracy: -0.03, baseline: "prototype" },
      leace: { gap: -0.08 },
    },
  });
  const said = sentences(result);
  expect(said).toContainEqual(
    expect.stringMatching(/^better: Fairer than base, accuracy kept: leace /),
  );
  expect(said).toContainEqual(
    expect.stringMatching(/^better: Fairer than prototype, accuracy kept: prompt-orth /),
  );
  expect(said).toContainEqual(
    expect.stringMatching(
      /prompt-orth starts from prototype .* is compared with it, not with base/,
    ),
  );
  expect(said.join("\n")).not.toMatch(/Worse than base: .*prototype/);
  const text = compareText(result, { columns: 120, color: false, unicode: true });
  expect(text).toMatch(/prompt-orth +▲ fairer/);
  expect(text).toContain("against prototype");
});

test("a concept that was only shrunk is said to be", () => {
  const said = sentences(makeResult({ effects: { leace: { leakage: -0.01, alpha: 0.5 } } }));
  expect(said).toContainEqual(
    expect.stringMatching(/leace leaves race in the embeddings: the alpha below 1/),
  );
});

test("a method that changes nothing is said to do nothing", () => {
  const [first] = sentences(makeResult({ effects: { idle: {} }, noise: 0 }));
  expect(first).toBe("unclear: idle does nothing: no number of the test rows changes.");
});

test.each([40, 80, 120])(
  "no line is wider than a terminal of %i columns, no method is left out",
  (columns) => {
    const text = compareText(RESULT, { columns, color: false, unicode: true });
    expect(Math.max(...text.split("\n").map((line) => [...line].length))).toBeLessThanOrEqual(
      columns,
    );
    for (const { name } of RESULT.methods) expect(text).toContain(name);
    expect(text).toContain("in the order of the");
  },
);

test("it says which interval is shown: over splits, or of the rows of one seed", () => {
  const wide = { columns: 500, color: false, unicode: true };
  const one = makeResult({ effects: { leace: { gap: -0.08 } }, seeds: 1 });
  expect(compareText(RESULT, wide)).toContain(
    "corrected resampled t, Nadeau and Bengio 2003, 4 degrees",
  );
  expect(compareText(one, wide)).toContain("paired bootstrap interval of the test rows");
  expect(compareText(one, wide)).not.toContain("Nadeau");
});

test("Markdown holds every method and escapes names", () => {
  const odd = makeResult({ effects: { "a|b": { gap: -0.08 } } });
  const text = compareMarkdown({ title: "made", run: RUN, result: odd });
  expect(text).toContain("a\\|b");
  expect(text).not.toMatch(/\| a\|b \|/);
  expect(text).toContain("▲ fairer, accuracy kept");
});

test("CSV: a row a cell with what was chosen and found, a row a method with its changes", () => {
  const read = (text: string) => parse(text, { columns: true }) as Record<string, string>[];
  const cells = read(cellsCsv(RESULT));
  expect(cells).toHaveLength(8 * 5);
  const cell = RESULT.cells.find((of) => of.method === "leace" && of.seed === 3)!;
  const row = cells.find(({ method, seed }) => method === "leace" && seed === "3")!;
  expect(cell.status === "done" && cell.test.attributes["race"]!["eo.max"].value).toBe(
    Number(row["eo.max[race]"]),
  );
  expect(JSON.parse(row["setting"]!)).toEqual({ alpha: 1, k: 1 });
  const broken = cells.find(({ method }) => method === "broken")!;
  expect(broken).toMatchObject({ status: "failed", reason: "no text side", accuracy: "" });

  const methods = read(summaryCsv(RESULT));
  expect(methods).toHaveLength(8);
  const leace = methods.find(({ method }) => method === "leace")!;
  expect(leace["eo.max[race].verdict"]).toBe("better");
  expect(leace["outcome"]).toBe("fairer, accuracy kept");
  expect(Number(leace["eo.max[race].high"])).toBeLessThan(0);
  expect(methods[0]).toMatchObject({ method: "base", "eo.max[race].change": "" });
});

const pageOf = (result = RESULT) =>
  parseHTML(compareHtml({ title: "made", run: RUN, result })).document;

test("the page names every method at its point, or says that it is off the chart", () => {
  const [chart] = pageOf().querySelectorAll("figure");
  expect(chart!.querySelector("figcaption")!.textContent).toBe("Accuracy and eo.max by race");
  const texts = [...chart!.querySelectorAll("svg text")].map(({ textContent }) => textContent);
  for (const name of ["base", "leace", "harmful", "thresholds"]) expect(texts).toContain(name);
  // beaten by leace in both, and far behind base
  for (const name of ["blunt", "greedy"]) expect(texts).not.toContain(name);
  expect(chart!.querySelector(".left-out")!.textContent).toMatch(
    /Off the chart: greedy \(accuracy 0\.\d+, eo\.max 0\.\d+\) and blunt \(accuracy 0\.6/,
  );
});

test("the front holds the methods that none beats in both", () => {
  const label = pageOf().querySelector("figure svg")!.getAttribute("aria-label");
  // thresholds has the smaller gap, and base or another that costs nothing the higher accuracy
  expect(label).toMatch(/the front: .*thresholds/);
  expect(label).not.toMatch(/the front: .*(greedy|harmful)/);
});

test("names of users are text, never markup", () => {
  const page = compareHtml({
    title: "<b>made</b>",
    run: RUN,
    result: makeResult({ effects: { "<script>alert(1)</script>": { gap: -0.1 } } }),
  });
  expect(page).not.toMatch(/<script|<b>made/);
});

test("one seed, one method and nothing that ran make pages too", () => {
  const one = makeResult({ effects: { leace: { gap: -0.1 } }, seeds: 1 });
  expect(pageOf(one).querySelectorAll("figure").length).toBeGreaterThan(3);
  const none = makeResult({ effects: { broken: { failed: "out of memory" } } });
  expect(pageOf(none).querySelector("#findings")!.textContent).toContain("out of memory");
});

test("an interval that leaves out 0 is a hint where the correction leaves no evidence", () => {
  const nothing = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`idle-${i}`, { accuracy: 0.0001 * i }]),
  );
  const result = makeResult({
    effects: { weak: { gap: -0.02 }, ...nothing },
    seeds: 4,
    noise: 0.008,
  });
  const [view] = viewsOf(result);
  const weak = view!.methods.find(({ name }) => name === "weak")!;
  const { change } = weak.numbers.find(({ metric }) => metric === "eo.max")!;
  expect(change!.interval![1]).toBeLessThan(0);
  expect(change!.verdict).toBe("no evidence");
  const hints = sentences(result).filter((text) => text.startsWith("unclear: Hints of a change"));
  expect(hints.join()).toMatch(/13 methods; .*weak \(.*eo\.max by race -0\.02/);
});
