/** @file A network of several outputs, from a config to its report. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Report } from "../../src/eval/report.ts";
import { equiclip, temporaryFolder } from "./equiclip.ts";
import { drawUtkface } from "./faces.ts";

const temporary = temporaryFolder();
const run = join(temporary, "run");

test(
  "labels get a report of their own, numbers their errors; erasers act on the layer named; eval answers the same",
  { timeout: 180_000 },
  async () => {
    await drawUtkface(join(temporary, "faces"), 160, 1);
    const set = {
      name: "aghav",
      engine: "onnx-cpu",
      threads: "1",
      "data.source": "utkface",
      "data.path": "faces",
      "data.target": "gender",
      "data.sensitive": "[race]",
      "model.from": "cnn:aghav",
      "model.imageSize": "24",
      "model.layer": "gender.relu1",
      "model.outputs": '{"age":{"weight":0.5},"race":{}}',
      "train.epochs": "1",
      "debias.methods": "[leace]",
      "evaluate.bootstrap": "50",
      "evaluate.excludedClasses": "[male]", // the target's alone: no output has to have it
    };
    const config = join(import.meta.dirname, "..", "..", "configs", "001-aghav-original.yaml");
    const args = Object.entries(set).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    const trained = await equiclip(["train", config, "--out", "run", ...args], { cwd: temporary });
    expect({ code: trained.code, stderr: trained.stderr }).toEqual({ code: 0, stderr: "" });
    expect(trained.stdout).toMatch(/Other outputs[\s\S]*age +all +\d+ +[\d.]+% in their group/);
    const race = Report.parse(
      JSON.parse(readFileSync(join(run, "output-race", "report.json"), "utf8")),
    );
    expect(race.classes.length).toBeGreaterThan(2);
    expect(existsSync(join(run, "output-race", "predictions.csv"))).toBe(true);
    const page = readFileSync(join(run, "report.html"), "utf8");
    expect(page).toContain('id="network"');
    expect(page).toContain('id="outputs"');
    expect(page).toContain("leace");

    const again = await equiclip(["eval", "run", "--json"], { cwd: temporary });
    expect(again.code).toBe(0);
    expect(readFileSync(join(run, "eval-test", "report.md"), "utf8")).toContain(
      "What the network says beside gender (age, race) is not measured here",
    );
    const [before, now] = [join(run, "predictions.csv"), join(run, "eval-test", "predictions.csv")];
    expect(readFileSync(now, "utf8")).toBe(readFileSync(before, "utf8"));

    const embedded = await equiclip(["embed", "faces", "--model", "run", "--out", "e.npy"], {
      cwd: temporary,
    });
    expect(embedded).toMatchObject({ code: 0, stdout: expect.stringContaining("[160, 128]") });
    for (const command of [
      ["export", "run", "--out", "x"],
      ["sweep", "run"],
    ]) {
      const refused = await equiclip(command, { cwd: temporary });
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(
        /^equiclip: .*is a convolutional network.*expected a CLIP.*\n$/,
      );
    }
  },
);
