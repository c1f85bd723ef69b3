/** @file Findings: each kind is said where it holds, in order, and nothing that is not known is called fair. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Gap } from "../../src/eval/report/values.ts";
import type { Report } from "../../src/eval/report.ts";
import { type Finding, findings } from "../../src/report/findings.ts";
import { KINDS } from "../../src/report/findings/finding.ts";
import { subject } from "../../src/report/model.ts";
import { feasibleReport, hostileReport } from "./sample.ts";
import { fullTable, manyGroups, source } from "./table-sample.ts";

const full = subject(fullTable().evaluation);
const many = subject(manyGroups().evaluation);
const hostile = subject(hostileReport().evaluation);

const all = (report: Report): readonly Finding[] => {
  const { main, more } = findings(report);
  return [...main, ...more];
};
const texts = (report: Report, kind?: Finding["kind"]): string[] =>
  all(report).flatMap((of) => (kind === undefined || of.kind === kind ? [of.text] : []));

/** A report with two groups whose gaps are as given, and everything else equal. */
function twoGroups(gaps: Readonly<Record<string, Partial<Gap>>>, uncertainty = {}): Report {
  const rows = 400;
  const base = evaluate(
    {
      classes: ["no", "yes"],
      truth: Int32Array.from({ length: rows }, (_, i) => i % 2),
      predicted: Int32Array.from({ length: rows }, (_, i) => (i % 10 === 0 ? 1 - (i % 2) : i % 2)),
      groups: {
        race: {
          values: ["indian", "white"],
          codes: Int32Array.from({ length: rows }, (_, i) => Math.floor(i / 20) % 2),
        },
      },
    },
    { positive: "yes", uncertainty: { replicates: 200 } },
  );
  const race = base.attributes["race"]!;
  const changed = Object.entries(gaps).map(
    ([name, gap]) => [name, { ...race.gaps[name]!, ...gap }] as const,
  );
  return {
    ...base,
    uncertainty: { ...base.uncertainty, ...uncertainty },
    attributes: { race: { ...race, gaps: { ...race.gaps, ...Object.fromEntries(changed) } } },
  };
}

const fair = (p95: number, pValue: number, pHolm?: number): NonNullable<Gap["fair"]> => ({
  expected: p95 / 2,
  p95,
  pValue,
  ...(pHolm === undefined ? {} : { pHolm }),
});

const gap = (value: number, of: NonNullable<Gap["fair"]> | null): Partial<Gap> => ({
  value,
  interval: [value - 0.05, value + 0.05],
  fair: of,
});

describe("a gap beyond chance", () => {
  it("is said with its interval, its groups and what a fair model would show", () => {
    const report = twoGroups({ eopp: gap(0.11, fair(0.07, 0.001)) });
    const race = report.attributes["race"]!;
    race.gaps["eopp"] = { ...race.gaps["eopp"]!, groups: ["indian", "white"] };
    race.groups["indian"] = {
      ...race.groups["indian"]!,
      tpr: { ...race.groups["indian"]!.tpr, value: 0.78 },
    };
    race.groups["white"] = {
      ...race.groups["white"]!,
      tpr: { ...race.groups["white"]!.tpr, value: 0.89 },
    };
    const [first] = findings(report).main;
    expect(first).toMatchObject({
      kind: "errors",
      tone: "worse",
      text: "The TPR gap by race is 0.11 [0.06, 0.16]: indian 0.78, white 0.89. A fair model of this size would show up to 0.07.",
    });
  });

  it("is judged by the corrected p-value where there is one", () => {
    const evidence = texts(twoGroups({ eopp: gap(0.2, fair(0.07, 0.001, 0.04)) }), "errors");
    expect(evidence).toHaveLength(1);
    const report = twoGroups({ eopp: gap(0.2, fair(0.07, 0.01, 0.3)) });
    expect(texts(report, "errors")).toEqual([]);
    expect(texts(report, "open")[0]).toBe(
      "Groups by race differ in TPR by 0.20 [0.15, 0.25]. That is more than a fair model of this size would show, but may be chance among all the gaps that were tested (smallest p after correction: 0.300).",
    );
  });

  it("says when too few fair models were drawn to tell", () => {
    const report = twoGroups({ eopp: gap(0.6, fair(0.07, 1 / 101, 0.3)) }, { replicates: 100 });
    expect(texts(report, "open")[0]).toMatch(
      / None of the 100 fair models drawn shows as much in TPR: more must be drawn to tell\.$/,
    );
  });

  it("names few rows behind a group", () => {
    const report = twoGroups({ eopp: gap(0.11, fair(0.07, 0.001)) });
    const race = report.attributes["race"]!;
    for (const group of Object.values(race.groups)) group.tpr = { ...group.tpr, support: 12 };
    expect(texts(report, "errors")[0]).toMatch(/: \w+ \d\.\d+ \(only 12 rows\), \w+ /);
  });

  it("names the class of a multi-class target", () => {
    const [one] = Object.values(hostile.perClass);
    expect(one).toBeDefined();
    const report = structuredClone(hostile);
    const worst = report.attributes["<i>site</i>"]!.gaps["eopp.worst"]!;
    worst.fair = fair(0.01, 0.0001);
    worst.class = hostile.classes[0]!;
    expect(texts(report, "errors").join()).toContain(
      "The TPR gap by “<i>site</i>” is largest for class “<script>alert(1)</script>”",
    );
  });

  it("is said once for each kind of harm, and the smaller ones behind", () => {
    const of = all(full).filter(({ tone }) => tone === "worse");
    expect(of.filter(({ kind }) => kind === "errors").length).toBeLessThanOrEqual(2);
    expect(texts(full, "errors")[0]).toMatch(/^The FPR gap by race is 0\.1/);
    expect(texts(full, "detail").join()).toContain("The PPV gap by race");
  });
});

describe("selection", () => {
  it("below four fifths is said with the base rates", () => {
    const report = twoGroups({ di: { value: 0.7, interval: [0.6, 0.85], fair: fair(0.9, 0.001) } });
    expect(texts(report, "selection")[0]).toMatch(
      /^Disparate impact by race is 0\.70 \[0\.60, 0\.85\], below the 0\.80 of the four-fifths rule, though its interval is not\. Predicted yes: \w+ 0\.\d+, \w+ 0\.\d+; truly yes: 0\.\d+ and 0\.\d+\. A fair model of this size would show 0\.90 or more\.$/,
    );
  });

  it("below four fifths by chance is no evidence", () => {
    const report = twoGroups({ di: { value: 0.7, interval: [0.4, 1], fair: fair(0.6, 0.3) } });
    expect(texts(report, "selection")).toEqual([]);
    expect(texts(report, "open")).toContain(
      "Disparate impact by race is 0.70 [0.40, 1.00], below the 0.80 of the four-fifths rule. A fair model of this size would show as little as 0.60.",
    );
  });
});

describe("what is not known", () => {
  it("is said with the gap that the rows do not rule out", () => {
    const report = twoGroups({
      eopp: { value: 0.04, interval: [0, 0.13], fair: fair(0.09, 0.5) },
    });
    expect(texts(report, "open").join()).toContain(
      "By race there is no evidence of a gap, nor that there is none: groups differ in TPR by 0.04 (up to 0.13 fits these rows too)",
    );
  });

  it("includes all gaps where no fair models were drawn", () => {
    const report = evaluate(
      {
        classes: ["no", "yes"],
        truth: Int32Array.from({ length: 60 }, (_, i) => i % 2),
        predicted: Int32Array.from({ length: 60 }, (_, i) => (i < 20 ? 1 : i % 2)),
        groups: {
          site: {
            values: ["a", "b"],
            codes: Int32Array.from({ length: 60 }, (_, i) => (i < 30 ? 0 : 1)),
          },
        },
      },
      { positive: "yes", uncertainty: { replicates: 0 } },
    );
    expect(all(report).filter(({ tone }) => tone === "worse")).toEqual([]);
    expect(texts(report, "open")[0]).toMatch(
      /^Groups by site differ in .*FPR by 0\.67.*How much of this is chance is not known/,
    );
  });

  it("does not call a perfect score of few rows free of gaps", () => {
    const truth = Int32Array.from({ length: 40 }, (_, i) => i % 2);
    const report = evaluate(
      {
        classes: ["no", "yes"],
        truth,
        predicted: truth,
        groups: {
          site: {
            values: ["a", "b"],
            codes: Int32Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 1)),
          },
        },
      },
      { positive: "yes", uncertainty: { replicates: 200 } },
    );
    expect(texts(report, "open")[0]).toMatch(
      /TPR by 0\.00 \(up to 0\.[2-9]\d fits these rows too\)/,
    );
  });
});

describe("groups, metrics and rows that say nothing", () => {
  it("are named", () => {
    const said = texts(hostile, "support").join("\n");
    expect(said).toContain(
      "1 of 3 groups by “<i>site</i>” has fewer than 30 rows, too few to say anything: tiny (4).",
    );
    expect(said).toContain(
      "By camera there is nothing to compare, which is neither fair nor unfair: 1 group with rows: “only one”.",
    );
    expect(said).toMatch(
      /Undefined by “<i>site<\/i>”, so that gaps say nothing of it: .*of tiny for class/,
    );
  });

  it("include rates of few rows in large groups", () => {
    const rows = 200;
    const report = evaluate(
      {
        classes: ["male", "female"],
        truth: Int32Array.from({ length: rows }, (_, i) => (i % 20 === 0 ? 1 : 0)),
        predicted: new Int32Array(rows),
        groups: { race: { values: ["white"], codes: new Int32Array(rows) } },
      },
      { positive: "female", uncertainty: { replicates: 0 } },
    );
    expect(texts(report, "support").join()).toContain(
      "Some rates by race rest on fewer than 30 rows; they say little, and so do gaps made by them: TPR of white (10).",
    );
  });

  it("are groups without rows, and not sought where all is well", () => {
    expect(texts(many, "support").join("\n")).toMatch(
      /10 of 200 groups by site have no rows: “site 190”/,
    );
    expect(texts(subject(feasibleReport().evaluation), "support")).toEqual([]);
  });

  it("are rows left out, first of all where they are many", () => {
    const few: Report = { ...full, source: source(4664) };
    expect(texts(few, "support")).toContain(
      "4,664 of 4,876 rows were measured; left out are 200 by gender (missing) and 12 by p_female (“not a number”).".replace(
        /“|”/g,
        "",
      ),
    );
    const lost: Report = {
      ...full,
      source: {
        ...source(4664),
        rows: 9_000,
        leftOut: [
          { column: "race", reason: "missing", rows: 336, first: [] },
          { column: "split", reason: "split is not test", rows: 4_000, first: [] },
        ],
      },
    };
    const [first] = findings(lost).main;
    expect(first?.kind).toBe("lost");
    expect(first?.text).toContain("That is 6.7%");
    const missing = structuredClone(full);
    missing.attributes["race"]!.missing = 40;
    expect(texts(missing, "support").join()).toContain(
      "40 rows have no race and are in no number by it.",
    );
  });
});

describe("scores and slices", () => {
  it("say where scores tell classes apart less well, and where they mean something else", () => {
    const report = twoGroups({});
    const race = report.attributes["race"]!;
    const of = (value: number, rate: "auc" | "calibrationBias") => ({
      ...race.gaps["eopp"]!,
      ...gap(value, fair(0.01, 0.001)),
      groups: ["indian", "white"],
      rate,
    });
    race.gaps["auc.gap"] = of(0.09, "auc");
    race.gaps["calibration.gap"] = of(0.12, "calibrationBias");
    const scores = { auc: [0.81, 0.9], calibrationBias: [-0.02, 0.1] };
    Object.values(race.groups).forEach((group, i) => {
      group.scores = {
        auc: { ...group.tpr, value: scores.auc[i]! },
        calibrationBias: { ...group.tpr, value: scores.calibrationBias[i]! },
      };
    });
    expect(texts(report, "scores")).toEqual([
      "Scores mean different things by race: mean score less share of positives is indian -0.02, white 0.10, a gap of 0.12 [0.07, 0.17]. A fair model of this size would show up to 0.01.",
      "The AUC gap by race is 0.09 [0.04, 0.14]: indian 0.81, white 0.90. A fair model of this size would show up to 0.01.",
    ]);
    expect(texts(full, "open").join()).toMatch(/ and \d more\. A fair model/);
  });

  it("name the worst slices, or that none was found and how many were too small", () => {
    const { tested, found } = full.slices!;
    expect(found.length).toBeGreaterThan(3);
    expect(texts(full, "slice")[0]).toMatch(
      new RegExp(
        `^Worst of ${tested} rates tested in slices of race and age_band: FPR is 0\\.\\d+ \\[.*\\] for race \\w+ .*\\(\\d+ rows\\), 0\\.\\d+ for the rest; .*; and ${found.length - 3} more\\.$`,
      ),
    );
    const none: Report = { ...full, slices: { ...full.slices!, found: [], skipped: 3 } };
    expect(texts(none, "slice")).toEqual([]);
    expect(texts(none, "open").join()).toContain(
      `None of ${tested} rates tested in slices of race and age_band is evidently worse than that of the rest; 3 more have fewer than 30 rows and may be.`,
    );
  });
});

describe("order", () => {
  it.each([
    ["full", full],
    ["many", many],
    ["hostile", hostile],
    ["trained", subject(feasibleReport().evaluation)],
  ])("of %s: few in front, most important first", (_, report) => {
    const { main, more } = findings(report);
    expect(main.length).toBeGreaterThanOrEqual(Math.min(3, main.length + more.length));
    expect(main.length).toBeLessThanOrEqual(7);
    for (const part of [main, more]) {
      const places = part.map(({ kind }) => KINDS.indexOf(kind));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
    expect(main.some(({ kind }) => kind === "detail")).toBe(false);
  });

  it("leaves room for what is not known", () => {
    expect(findings(full).main.some(({ tone }) => tone !== "worse")).toBe(true);
  });
});
