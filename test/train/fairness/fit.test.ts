/** @file Fairness in the training of a whole model: what trains, what is kept, and what is refused. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Row, Split } from "../../../src/data/row.ts";
import { readSafetensors } from "../../../src/model/safetensors.ts";
import { changed, configOf, drawFaces, fitFaces, tinyModel, validateBest } from "../faces.ts";

let rows: Record<Split, Row[]>;
beforeAll(async () => {
  rows = await drawFaces();
});

const PENALTIES = [
  "{ penalty: equalized-odds, aggregate: log-sum-exp }",
  "{ penalty: demographic-parity, aggregate: mean, attributes: [age_band, tone*age_band] }",
  "{ penalty: hsic }",
  "{ penalty: adversary, hidden: 4 }",
];
const ALL = [`train.fairness=[${PENALTIES.join(", ")}]`, "train.robust={ method: group-dro }"];

describe("what training adds beside a model is saved to go on from, and not kept", () => {
  test.each([
    ["full", 2e-3],
    ["probe", 0.05],
  ])("%s", async (kind, lr) => {
    const config = configOf(...ALL, `model.trainable={ kind: ${kind} }`, `train.lr=${lr}`);
    const fitted = await fitFaces(config, rows);
    const [first, ...others] = fitted.state.trajectory.map(({ trainLoss }) => trainLoss);
    expect(others.at(-1)).toBeLessThan(first!);

    const saved = [
      ...(await readSafetensors(join(fitted.folder.last, "training.safetensors"))).keys(),
    ];
    const adversary = "added/fairness.3.0.hidden.weight";
    expect(saved).toContain(adversary);
    expect(saved).toContain("added/robust.logWeights");
    expect(saved).toContain("optimizer/exp_avg.fairness.3.0.hidden.weight");
    expect(saved).not.toContain("optimizer/exp_avg.robust.logWeights");

    const probe = ["probe.bias", "probe.weight"];
    expect([...(fitted.probe?.keys() ?? [])].toSorted()).toEqual(kind === "probe" ? probe : []);
    expect([...fitted.best.keys()]).toEqual([...(await tinyModel()).weights.keys()]);
    const kept = fitted.state.trajectory[fitted.state.selected!]!.validation;
    expect((await validateBest(fitted, config, rows.validation)).loss).toBeCloseTo(kept.loss, 5);
  });
});

test("penalties change what is learnt", async () => {
  const plain = await fitFaces(configOf("train.epochs=1"), rows);
  const names = changed(plain.last, plain.last);
  expect(names).toEqual([]);
  for (const penalty of PENALTIES) {
    const fair = await fitFaces(configOf("train.epochs=1", `train.fairness=[${penalty}]`), rows);
    expect(changed(plain.last, fair.last), penalty).toContain("visual_projection.weight");
  }
});

test("just train twice: the first training is gone, its answers stay, and the second starts anew", async () => {
  const settings = ["train.epochs=1", "train.lr=1e-3"];
  const once = await fitFaces(configOf(...settings), rows);
  const still = "train.robust={ method: jtt, identification: 1, upweight: 1 }";
  const same = await fitFaces(configOf(...settings, still), rows);
  expect(changed(once.last, same.last)).toEqual([]);
  const twice = await fitFaces(
    configOf(...settings, "train.robust={ method: jtt, identification: 1, upweight: 9 }"),
    rows,
  );
  expect(changed(once.last, twice.last)).toContain("visual_projection.weight");
  const files = readdirSync(twice.folder.root);
  expect(files).toContain("identified.json");
  expect(files).not.toContain("identification");
});

describe("refused", () => {
  test.each([
    ["fairness", "train.fairness=[{ penalty: equalized-odds }]", "gives no class probabilities"],
    ["robust", "train.robust={ method: group-dro }", "of pairs and not of rows"],
  ])("%s with a contrastive objective", (key, setting, why) => {
    const make = () => configOf("train.objective=contrastive", setting);
    expect(make).toThrow(new RegExp(`train\\.${key}: expected .*contrastive objective.*${why}`));
  });

  test("an attribute that no row has", async () => {
    const config = configOf("train.fairness=[{ penalty: hsic, attributes: [tone, hair] }]");
    await expect(fitFaces(config, rows)).rejects.toThrow(
      'train.fairness[0].attributes: no row of train has the attribute "hair"; expected one of style, tone, age_band',
    );
  });
});
