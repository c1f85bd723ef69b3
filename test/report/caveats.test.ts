/** @file Caveats follow from the facts: each appears where it holds and nowhere else. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import { caveats } from "../../src/report/caveats.ts";
import type { Constraint, RunReport } from "../../src/report/model.ts";
import { subject } from "../../src/report/model.ts";
import { gapOf, standing, verdictOf } from "../../src/report/verdict.ts";
import { feasibleReport, hostileReport, infeasibleReport } from "./sample.ts";

const feasible = feasibleReport();
const infeasible = infeasibleReport();
const hostile = hostileReport();
const saysOf = (report: RunReport): string => {
  const { serious, other } = caveats(report);
  return [...serious, ...other].join("\n");
};

describe("caveats", () => {
  it("put an infeasible run first", () => {
    expect(caveats(infeasible).serious[0]).toMatch(
      /^INFEASIBLE: no epoch met eo\.max by race <= 0\.10/,
    );
    expect(saysOf(feasible)).not.toContain("INFEASIBLE");
  });

  it("say when the kept epoch is infeasible because a constraint is undefined there", () => {
    const trajectory = { ...infeasible.trajectory!, selected: 1 };
    const reason =
      "Epoch 1 is kept: there, eo.max by age_band is undefined (no group has rows that are truly negative);";
    expect(caveats({ ...infeasible, trajectory }).serious[0]).toContain(reason);
    expect(caveats(infeasible).serious[0]).toContain("is kept: it misses by least;");
  });

  it("say when a constraint that held on validation does not hold on test", () => {
    const value = gapOf(subject(feasible.evaluation), {
      metric: "eo.max",
      attribute: "race",
    })!.value!;
    expect(value).toBeGreaterThan(0.1);
    expect(caveats(feasible).serious.join()).toContain(`eo.max by race is ${value.toFixed(3)}`);
  });

  it("say what a constraint cost, where another epoch was much better", () => {
    const { trajectory } = feasible;
    expect(saysOf(feasible)).not.toContain("dear");
    const epochs = trajectory!.epochs.map((epoch) =>
      epoch.epoch === 12 ? { ...epoch, objective: { value: 0.1 } } : epoch,
    );
    const passed = epochs.at(-1)!;
    expect(passed.feasible).toBe(false);
    expect(saysOf({ ...feasible, trajectory: { ...trajectory!, epochs } })).toContain(
      `on validation epoch 12 has loss 0.100, epoch 7, which is kept, ${epochs[6]!.objective.value!.toFixed(3)}. Epoch 12 was passed over for eo.max by race of ${passed.constraints[0]!.value!.toFixed(3)}`,
    );
    // by shares: two points
    const by = (last: number): RunReport => ({
      ...feasible,
      trajectory: {
        ...trajectory!,
        objective: { name: "accuracy", better: "higher" },
        epochs: trajectory!.epochs.map((epoch) => ({
          ...epoch,
          objective: { value: epoch.epoch === 12 ? last : 0.9 },
        })),
      },
    });
    expect(saysOf(by(0.919))).not.toContain("dear");
    expect(saysOf(by(0.921))).toContain("epoch 12 has accuracy 0.921");
  });

  it("say first when the model is no better than calling everybody the same", () => {
    const rows = 200;
    const truth = Int32Array.from({ length: rows }, (_, i) => (i % 5 < 3 ? 1 : 0));
    const saying = (predicted: (row: number) => number): RunReport => {
      const predictions = {
        ids: Array.from({ length: rows }, String),
        classes: ["male", "female"],
        truth,
        predicted: truth.map((_, row) => predicted(row)),
        groups: {},
      };
      const result = evaluate(predictions, { positive: "female" });
      return { ...feasible, evaluation: { ...feasible.evaluation, result, methods: {} } };
    };
    const first = (report: RunReport) => caveats(report).serious[0];
    expect(first(saying(() => 1))).toMatch(
      /^No better than guessing: accuracy on the test split is 0\.600 \[0\.53\d, 0\.66\d\], and calling everybody female would be right in 60\.0%/,
    );
    expect(saysOf(saying((row) => (row % 20 === 0 ? 1 : truth[row]!)))).not.toContain("guessing");
    expect(saysOf(feasible)).not.toContain("guessing");
  });

  it("know synthetic data, coded attributes, what methods need and the single use of test", () => {
    expect(saysOf(infeasible)).toContain("synthetic");
    expect(saysOf(feasible)).not.toContain("synthetic");
    expect(saysOf(feasible)).toContain("Gender is coded as 2 labels");
    expect(saysOf(feasible)).toContain("Race is coded as 5 labels");
    expect(saysOf(feasible)).toContain("pca-class: centres");
    expect(saysOf(infeasible)).not.toContain("pca-class: centres");
    expect(saysOf(feasible)).toContain("thresholds must be told a person's group");
    expect(saysOf(feasible)).toContain("was used once");
    expect(saysOf(hostile)).not.toContain("was used once");
    expect(caveats(feasible).other.at(-1)).toBe(feasible.notes[0]);
  });
});

describe("verdict", () => {
  const gap = { ...gapOf(subject(feasible.evaluation), { metric: "di", attribute: "race" })! };
  const rule = (of: Partial<Constraint>): Constraint => ({
    metric: "di",
    attribute: "race",
    rule: "at least",
    limit: 0.8,
    bound: "point",
    ...of,
  });

  it("judges the value or the unfair end of the interval, on the right side", () => {
    const at = { ...gap, value: 0.82, interval: [0.75, 0.9] as [number, number] };
    expect(standing(at, rule({}))).toBe("within");
    expect(standing(at, rule({ bound: "upper" }))).toBe("beyond");
    expect(standing(at, rule({ rule: "at most", limit: 0.85 }))).toBe("within");
    expect(standing(at, rule({ rule: "at most", limit: 0.85, bound: "upper" }))).toBe("beyond");
    expect(standing({ ...at, value: null }, rule({}))).toBe("undefined");
    expect(standing(null, rule({}))).toBe("undefined");
    const atLimit = rule({ rule: "at most", limit: 0.1 });
    expect(standing({ ...at, value: 0.8 - 0.7 }, atLimit)).toBe("within"); // float error is none
  });

  it("finds class gaps, and the worst class of a multi-class target", () => {
    const report = subject(hostile.evaluation);
    expect(gapOf(report, { metric: "eo.max", attribute: "<i>site</i>" })).toBe(
      report.attributes["<i>site</i>"]!.gaps["eo.max.worst"],
    );
    expect(gapOf(report, { metric: "class.tpr_gap", attribute: null })).toBe(
      report.classGaps.gaps["class.tpr_gap"],
    );
    expect(gapOf(report, { metric: "eo.max", attribute: "nothing" })).toBeNull();
  });

  it("is the selected epoch's", () => {
    const of = feasible.trajectory!;
    expect(verdictOf(of)).toBe("feasible");
    expect(verdictOf({ ...of, selected: 8 })).toBe("infeasible");
    expect(verdictOf({ ...of, constraints: [] })).toBe("unconstrained");
  });
});
