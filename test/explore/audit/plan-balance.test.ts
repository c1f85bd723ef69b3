/** @file A rebalancing plan handed over to the command line: `equiclip data balance` on what it wrote. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { readUtkface } from "../../../src/data/utkface.ts";
import { rebalancingPlan, writePlan } from "../../../src/explore/audit/plan.ts";
import { drawUtkface } from "../../cli/faces.ts";
import { equiclip, temporaryFolder, writeConfig } from "../../cli/equiclip.ts";
import { clusteringOf, groupingOf } from "./samples.ts";

const temporary = temporaryFolder();
const at = (name: string): string => join(temporary, name);

test("data balance takes the kept rows", { timeout: 120_000 }, async () => {
  await drawUtkface(at("faces"), 80, 3);
  const { rows } = await readUtkface(at("faces"));
  const clustering = clusteringOf(rows.map((_, i) => i % 2));
  const grouping = groupingOf(
    "gender",
    rows.map(({ labels }) => labels["gender"]!),
  );
  const target = { per: "cluster", target: "smallest" } as const;
  const plan = rebalancingPlan(clustering, grouping, [], target, 0);
  const { columns } = await writePlan(at("plan"), plan, rows, clustering, grouping);
  expect(columns.attributes).toEqual(expect.arrayContaining(["gender", "race", "image_cluster"]));
  writeConfig(at("level.yaml"), {
    name: "level",
    threads: 1,
    data: {
      source: "csv",
      path: join("plan", "keep.csv"),
      target: "gender",
      sensitive: ["race", "image_cluster"],
    },
    balance: { method: "undersample-only", attributes: ["image_cluster", "gender"] },
    model: { from: "preset:tiny" },
  });
  const { code, stdout, stderr } = await equiclip(["data", "balance", "level.yaml", "--json"], {
    cwd: temporary,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const balanced = JSON.parse(stdout) as { before: number; cells: { after: number }[] };
  expect(balanced.before).toBeGreaterThan(0.5 * plan.keep.length);
  expect(new Set(balanced.cells.map(({ after }) => after)).size).toBe(1);
  expect(balanced.cells).toHaveLength(4);
});
