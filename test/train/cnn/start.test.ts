/** @file What a network starts from, and what is asked of it: wrong ones are told of before anything trains. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import type { Row } from "../../../src/data/row.ts";
import { classes, number } from "../../../src/model/cnn/architectures.ts";
import { saveCnn } from "../../../src/model/cnn/folder.ts";
import { cnnModel } from "../../../src/model/cnn/model.ts";
import { checkStart } from "../../../src/train/cnn/start.ts";
import { learntOutputs, outputLabels } from "../../../src/train/cnn/outputs.ts";
import { row } from "../../data/rows.ts";
import { networkConfig, startOf } from "./faces.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-start-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const rows: Row[] = [
  { ...row("a", { style: "angular", tone: "dark" }), numbers: { age: 30 } },
  { ...row("b", { style: "rounded", tone: "light" }), numbers: { age: 40 } },
];
const folder = join(root, "network");
const model = cnnModel({
  architecture: "small",
  size: 32,
  heads: { style: classes(2), tone: classes(3), age: number(116) },
  seed: 7,
});
await saveCnn(folder, model);

test("a folder below the home folder is found by its tilde", async () => {
  vi.stubEnv("HOME", root);
  const { weights } = await startOf(networkConfig("~/network"), rows);
  expect(weights).toEqual(model.weights);
  vi.unstubAllEnvs();
});

test.each(["model.weights=x.safetensors", "model.imageSize=48", "model.compat=[raw-age]"])(
  "%s beside a folder is refused, not ignored",
  (setting) => {
    const key = setting.split("=")[0];
    expect(() => checkStart(networkConfig(folder, setting))).toThrow(
      `${key}: belongs to a new network (cnn:NAME), and model.from (${folder}) is a folder that has its own; leave it out`,
    );
  },
);

const learnt = (outputs: object, of = rows) => {
  const { model: asked, data } = networkConfig(folder, `model.outputs=${JSON.stringify(outputs)}`);
  const config = { model: asked, data };
  return learntOutputs(model.config, asked.outputs, "style", of, outputLabels(config, of));
};

test("an output whose classes or kind are not those of the folder's head", () => {
  expect(() => learnt({ tone: {} })).toThrow(
    "model.outputs.tone: the network's head tells 3 classes, the rows have 2 (dark, light); take a network that was trained for them, or start from cnn:small",
  );
  const labelled = rows.map((of) => ({ ...of, labels: { ...of.labels, age: "old" }, numbers: {} }));
  expect(() => learnt({ age: {} }, labelled)).toThrow(
    /model.outputs.age: the network's head tells a number, the rows have labels \(old\)/,
  );
  const numbered = rows.map((of) => ({ ...of, numbers: { tone: 1 } }));
  expect(() => learnt({ tone: {} }, numbered)).toThrow(
    /model.outputs.tone: the network's head tells 3 classes, the rows have numbers/,
  );
});

test("a number that one row lacks: that row is named", () => {
  const some = [rows[0]!, { ...rows[1]!, numbers: {} }];
  expect(() => learnt({ age: {} }, some)).toThrow(
    'model.outputs.age: b has no number "age", which other rows have; give it one, or leave the row out',
  );
});

test("no row has what an output names: the message says how to read it", () => {
  expect(() => learnt({ smile: {} })).toThrow(
    /no row has a label or number "smile"; expected one of style, tone, age, or name its column in data.attributes/,
  );
});

test("the target's own loss is cross-entropy, and another is refused", () => {
  const asked = (loss: string) =>
    networkConfig("cnn:small", `model.outputs={"style":{"loss":"${loss}"}}`);
  checkStart(asked("cross-entropy"));
  expect(() => checkStart(asked("mae"))).toThrow(
    "model.outputs.style.loss: expected cross-entropy for the target, received mae",
  );
});
