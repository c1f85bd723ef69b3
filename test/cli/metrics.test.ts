/** @file `equiclip metrics`: every metric of a report can be looked up. */
import { expect, test } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import { METRICS } from "../../src/eval/metrics/all.ts";
import { fromRows, POINT_ONLY } from "../eval/tables.ts";
import { equiclip } from "./equiclip.ts";

test("the list holds every rate and gap of a report", async () => {
  const { stdout } = await equiclip(["metrics", "--json"]);
  const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  expect(names).toEqual(METRICS.map(({ name }) => name));
  const rows = [0, 1, 2].flatMap((c): [string, number, number][] => [
    ["a", c, c],
    ["b", c, 0],
  ]);
  const { attributes, classGaps, overall } = evaluate(fromRows(["x", "y", "z"], rows), POINT_ONLY);
  const measured = [attributes["group"]!.gaps, classGaps.gaps, overall].flatMap((of) =>
    Object.keys(of).map((name) => name.replace(/\.(macro|worst)$/, "")),
  );
  for (const name of measured.filter((name) => !["count", "note", "scores"].includes(name)))
    expect(names, name).toContain(name);
});

test("one metric, also of a multi-class report; a kind; what there is not", async () => {
  const one = await equiclip(["metrics", "eo.max.worst"]);
  expect(one.stdout).toContain("max(gap(TPR), gap(FPR))");
  expect(one.stdout).toContain("lower is better, fair at 0");
  const skew = await equiclip(["metrics", "max_skew@10"]);
  expect(skew.stdout).toContain("max over groups of skew@k");
  const gaps = await equiclip(["metrics", "--kind", "class"]);
  expect(gaps.stdout).toContain("class.tpr_gap");
  expect(gaps.stdout).not.toContain("eopp");
  expect(await equiclip(["metrics", "predictive"])).toMatchObject({
    code: 2,
    stderr: `equiclip: there is no metric "predictive"; there is ppv, npv, ppv.gap, ppv.ratio, npv.gap, npv.ratio\n`,
  });
});
