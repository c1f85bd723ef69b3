/** @file Charts of an evaluation: every group is drawn, or a line says which are not. */
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/eval/report.ts";
import { calibrationCharts } from "../../src/report/charts/calibration.ts";
import { gapsChart } from "../../src/report/charts/gaps.ts";
import { groupRatesChart } from "../../src/report/charts/group-rates.ts";
import { intersectionChart } from "../../src/report/charts/intersection.ts";
import { rocChart } from "../../src/report/charts/roc.ts";
import { shorten } from "../../src/report/charts/svg.ts";
import { slicesChart } from "../../src/report/charts/slices.ts";
import { extremes } from "../../src/report/extremes.ts";
import { decimal } from "../../src/report/format.ts";
import type { Markup } from "../../src/report/html/template.ts";
import { subject } from "../../src/report/model.ts";
import { fullTable, manyGroups } from "./table-sample.ts";

const full = subject(fullTable().evaluation);
const many = subject(manyGroups().evaluation);
const MIN = 30;

/** The texts of a figure, those of the drawing apart. */
function read(markup: Markup | null) {
  const { document } = parseHTML(`<html><body>${markup?.text}</body></html>`);
  const text = (selector: string) => document.querySelector(selector)?.textContent.trim() ?? null;
  return {
    title: text("figcaption"),
    note: text(".left-out"),
    legend: [...document.querySelectorAll(".key")].map((key) => key.textContent.trim()),
    description: document.querySelector("svg")?.getAttribute("aria-label") ?? "",
    drawn: [...document.querySelectorAll("svg text")].map((node) => node.textContent.trim()),
    count: (selector: string) => document.querySelectorAll(`svg ${selector}`).length,
  };
}

describe("rates of groups", () => {
  const race = full.attributes["race"]!;
  it("are all there, with their values", () => {
    const { drawn, note, title } = read(groupRatesChart("race", race, full.overall, "tpr", MIN));
    expect(title).toBe("True positive rate by race");
    expect(note).toBeNull();
    for (const [group, { tpr }] of Object.entries(race.groups))
      expect(drawn).toEqual(expect.arrayContaining([group, decimal(tpr.value!)]));
  });

  it("of 200 groups are the worst and the best, and the chart says so", () => {
    const site = many.attributes["site"]!;
    const { drawn, note } = read(groupRatesChart("site", site, many.overall, "accuracy", MIN));
    expect(note).toMatch(
      /^24 of 200 groups: the 16 with the lowest accuracy and the 8 with the highest; not ranked: .*10 without such a rate\.$/,
    );
    const large = Object.entries(site.groups).filter(([, { accuracy }]) => accuracy.support >= MIN);
    const worst = large.toSorted(([, a], [, b]) => a.accuracy.value! - b.accuracy.value!)[0]!;
    const best = large.toSorted(([, a], [, b]) => b.accuracy.value! - a.accuracy.value!)[0]!;
    const names = drawn.filter((text) => /[a-z]/.test(text));
    expect(names).toHaveLength(24);
    for (const [name] of [worst, best]) expect(names).toContain(name.slice(0, 10));
  });

  it("of few rows are rings, and the legend says so", () => {
    const small = structuredClone(race);
    small.groups["white"]!.tpr.support = 12;
    expect(read(groupRatesChart("race", small, full.overall, "tpr", MIN)).legend).toContain(
      "fewer than 30 rows",
    );
    expect(read(groupRatesChart("race", race, full.overall, "tpr", MIN)).legend).not.toContain(
      "fewer than 30 rows",
    );
  });
});

describe("names on an axis", () => {
  it("stand on one line, and are cut where they take too much room", () => {
    expect(shorten("line\nbreak", 100)).toBe("line break");
    expect(shorten("x".repeat(60), 70)).toBe(`${"x".repeat(9)}…`);
    expect(shorten("東京".repeat(30), 70)).toBe("東京東京東…"); // wide characters: fewer of them
    expect(shorten("👩‍🚀", 7)).toBe("…");
  });
});

describe("the groups that are shown of many", () => {
  const groups = many.attributes["site"]!.groups;
  it("are worst first, for rates where low and where high is bad", () => {
    const values = (rate: "tpr" | "fpr") =>
      extremes(groups, rate, MIN, 12).groups.map(([, of]) => of[rate].value!);
    expect(values("tpr")).toHaveLength(12);
    expect(values("tpr")).toEqual(values("tpr").toSorted((a, b) => a - b));
    expect(values("fpr")).toEqual(values("fpr").toSorted((a, b) => b - a));
  });

  it("are all where there are few, and small ones only where there is nothing else", () => {
    expect(extremes(groups, "tpr", MIN, 200)).toEqual({
      groups: Object.entries(groups),
      note: null,
    });
    expect(extremes(groups, "tpr", 1e9, 6).groups).toHaveLength(6);
  });
});

describe("gaps", () => {
  it("stand beside the band of fair models, and tell what is beyond chance", () => {
    const { drawn, legend, description, count } = read(
      gapsChart("race", full.attributes["race"]!, full),
    );
    expect(drawn).toEqual(
      expect.arrayContaining(["TPR", "FPR", "selection rate", "accuracy", "PPV", "NPV"]),
    );
    expect(drawn).toContain(decimal(full.attributes["race"]!.gaps["eopp"]!.value!));
    expect(legend).toEqual(["beyond chance", "may be chance", "95% of fair models", "their mean"]);
    expect(description).toContain("9 gaps by race");
    expect(count('g[aria-label="bar"] rect')).toBe(9);
  });

  it("have no chart where none has a value", () => {
    const race = structuredClone(full.attributes["race"]!);
    for (const gap of Object.values(race.gaps)) gap.value = null;
    expect(gapsChart("race", race, full)).toBeNull();
  });
});

describe("an intersection", () => {
  it("is a map of all its groups with their rows", () => {
    const { drawn, title, note } = read(intersectionChart("race*age_band", full, "tpr"));
    expect(title).toBe("True positive rate by race and age_band");
    expect(note).toBeNull();
    for (const { tpr } of Object.values(full.attributes["race*age_band"]!.groups)) {
      expect(drawn).toContain(tpr.value!.toFixed(2));
      expect(drawn).toContain(`n ${tpr.support}`);
    }
  });

  it("of many values shows those with the most rows, and says so", () => {
    const { note, drawn } = read(intersectionChart("site*shift", many, "accuracy"));
    expect(note).toBe(
      "48 of 400 groups: the 24 values of site and the 2 of shift with the most rows.",
    );
    expect(drawn).toEqual(expect.arrayContaining(["day", "night"]));
  });

  it("has no map where names do not say which values meet, or three do", () => {
    expect(intersectionChart("race", full, "tpr")).toBeNull();
    const groups = full.attributes["race*age_band"]!;
    const three: Report = { ...full, attributes: { ...full.attributes, "a*b*c": groups } };
    expect(intersectionChart("a*b*c", three, "tpr")).toBeNull();
  });

  it("is read from the names where its attributes are not in the report", () => {
    const alone: Report = {
      ...full,
      attributes: { "race*age_band": full.attributes["race*age_band"]! },
    };
    expect(read(intersectionChart("race*age_band", alone, "fpr")).drawn).toEqual(
      expect.arrayContaining(["white", "60+"]),
    );
  });
});

describe("scores", () => {
  const race = full.attributes["race"]!;
  it("have a ROC curve for every group, with its area", () => {
    const { legend, count, note } = read(rocChart("race", race, MIN));
    expect(legend).toEqual(
      Object.entries(race.groups).map(
        ([group, { scores }]) => `${group} ${decimal(scores!.auc!.value!)}`,
      ),
    );
    expect(note).toBeNull();
    expect(count('g[aria-label="line"] path')).toBe(5 + 1); // and the diagonal
  });

  it("of many groups colour the worst and the best, and say so", () => {
    const { legend, note } = read(rocChart("site", many.attributes["site"]!, MIN));
    expect(legend).toHaveLength(7);
    expect(legend.at(-1)).toBe("184 others");
    expect(note).toMatch(/^6 of 190 groups: the 5 with the worst AUC and the one with the best/);
    const { charts, note: left } = calibrationCharts(many.attributes["site"]!, MIN);
    expect(charts).toHaveLength(6);
    expect(left).toMatch(/^6 of 190 groups/);
  });

  it("have a calibration chart a group, with rows and error", () => {
    const { charts, note } = calibrationCharts(race, MIN);
    expect(note).toBeNull();
    expect(charts.map((chart) => read(chart).title)).toEqual(Object.keys(race.groups));
    expect(read(charts[0]!).note).toMatch(/^[\d,]+ rows, ECE 0\.\d{3}$/);
    expect(read(charts[0]!).count('g[aria-label="dot"] circle')).toBe(
      race.curves!["white"]!.calibration.length,
    );
  });

  it("have no charts where there are no curves", () => {
    const { curves: _curves, ...without } = race;
    expect(rocChart("race", without, MIN)).toBeNull();
    expect(calibrationCharts(without, MIN).charts).toEqual([]);
  });
});

describe("slices", () => {
  it("are drawn with everyone else, and the rest is counted", () => {
    const { drawn, count } = read(slicesChart(full.slices!));
    const [worst] = full.slices!.found;
    expect(drawn).toContain(decimal(worst!.of.value!));
    expect(count('g[aria-label="dot"] circle')).toBe(2 * full.slices!.found.length);
    const found = Array.from({ length: 40 }, () => worst!);
    expect(read(slicesChart({ ...full.slices!, found })).note).toBe("The first 16 of 40.");
    expect(slicesChart({ ...full.slices!, found: [] })).toBeNull();
  });
});
