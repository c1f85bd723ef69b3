/** @file The configs of study 001 beside what is said of them. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { criteriaOf } from "../../src/cli/experiment.ts";
import { loadConfig } from "../../src/run/config/load.ts";
import { STRATEGIES, jobsOf } from "../../src/study/strategies.ts";

const configs = join(import.meta.dirname, "..", "..", "configs");

test("where the last epoch is kept, no limit on validation chooses another one", async () => {
  const task = {
    target: "gender",
    classes: ["male", "female"],
    positive: "female",
    attributes: ["race", "age_band"],
  };
  const configsOf = jobsOf(STRATEGIES, [0]).map(({ config }) =>
    loadConfig(join(configs, `${config}.yaml`)),
  );
  const kept = (await Promise.all(configsOf)).filter(({ select }) => select.objective === "last");
  expect(kept.length).toBe(8);
  for (const config of kept) expect(criteriaOf(config, task).constraints, config.name).toEqual([]);
  const usual = await loadConfig(join(configs, "quickstart.yaml"));
  expect(
    criteriaOf({ ...usual, select: { ...usual.select, constraints: undefined } }, task).constraints,
  ).toHaveLength(2);
});
