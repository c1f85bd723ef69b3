/** @file The configs of study 001 beside what is said of them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { criteriaOf } from "../../src/cli/experiment.ts";
import { STUDIES } from "../../src/cli/study.ts";
import { loadConfig } from "../../src/run/config/load.ts";
import type { Config } from "../../src/run/config/schema.ts";
import { FORMS, STRATEGIES, STUDY_FILES, jobsOf } from "../../src/study/strategies.ts";

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

/** What a corrected config does otherwise than its compat one, and what the table must say of it. */
const MENDS = [
  ["near-duplicates", ({ data }: Config) => data.duplicates, /near-duplicates/],
  ["the epoch", ({ select }: Config) => select.objective, /epoch is chosen on validation/],
  ["length", ({ train }: Config) => `${train.epochs} x ${train.batchSize}`, /30 epochs/],
  [
    "the limit",
    ({ name, select }: Config) =>
      name.startsWith("001-clip") && (select.constraints ?? []).map(({ limit }) => limit),
    /limit/,
  ],
  ["copies in test", makesCopiesFirst, /no copy of a face is tested/],
  ["a test fold that is cut", cutsFirst, /test is not cut/],
] as const;
function makesCopiesFirst({ balance }: Config): boolean {
  return balance.method === "priority" && balance.compat;
}
function cutsFirst({ balance }: Config): boolean {
  return balance.method === "undersample-only" && balance.compat;
}

test.each(
  STRATEGIES.filter(
    ({ forms, target }) => forms.compat && forms.compat.how !== "sweep" && target === "gender",
  ).map((strategy) => [strategy.key, strategy] as const),
)("%s: what its corrected config does otherwise is what is said to be mended", async (_, of) => {
  const [compat, corrected] = await Promise.all(
    FORMS.map((form) => loadConfig(join(configs, `${of.forms[form]!.config}.yaml`))),
  );
  const said = of.mends.join("; ");
  const isTrained = of.forms.compat!.how === "train";
  for (const [what, value, words] of MENDS) {
    if (!isTrained && what !== "near-duplicates") continue;
    const differs = JSON.stringify(value(compat!)) !== JSON.stringify(value(corrected!));
    expect(words.test(said), `${what}: ${said}`).toBe(differs);
  }
  expect(compat!.split.fold).toEqual(corrected!.split.fold);
  expect(said).not.toMatch(/drawn anew/);
});

test("every strategy is judged by answers about its target, and the constrained one as it was by the texts that it was asked", async () => {
  for (const { key, target, forms } of STRATEGIES)
    for (const form of FORMS) {
      const source = forms[form];
      if (source === null) continue;
      const { data, model, promptSets } = await loadConfig(join(configs, `${source.config}.yaml`));
      const { promptSet, output } = source;
      const asked = promptSet === undefined ? data.target : promptSets[promptSet]!.target;
      expect(output ?? asked ?? data.target, `${key} ${form}`).toBe(target);
      if (output !== undefined) expect(Object.keys(model.outputs)).toContain(output);
    }
  const { promptSet, config } = STRATEGIES.find(({ key }) => key === "clip-constrained")!.forms
    .compat!;
  const { promptSets } = await loadConfig(join(configs, `${config}.yaml`));
  expect(promptSets[promptSet!]!.prompts).toEqual({
    male: "This is a person ofmalegender.",
    female: "This is a person offemalegender.",
  });
});

test("what is mended is one item each, told apart by the table's semicolons", () => {
  for (const { mends } of STRATEGIES) expect(mends.join("")).not.toContain(";");
});

test("races within the study's 500 of 23,705, as a share, so that fewer rows are balanced, too", async () => {
  const curated = readdirSync(configs).filter((name) => /^001-.*-curated/.test(name));
  expect(curated).toHaveLength(6);
  for (const name of curated) {
    const { balance } = await loadConfig(join(configs, name));
    if (balance.method === "none" || balance.method === "age-first") throw new Error(name);
    const [races] = balance.tolerances!;
    expect(races, name).toBeLessThan(1);
    expect(Math.round(races! * STUDY_FILES), name).toBe(500);
  }
});

test("its help counts the networks that it runs", async () => {
  const from = new Set<string>();
  for (const { family, forms } of STRATEGIES)
    if (family === "cnn")
      from.add((await loadConfig(join(configs, `${forms.corrected!.config}.yaml`))).model.from);
  expect(STUDIES["001"]).toContain(
    `${["no", "one", "two", "three", "four", "five"][from.size]} networks`,
  );
});
