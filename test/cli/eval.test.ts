/** @file `equiclip eval` and `equiclip data`: what one command writes, the other ones read. */
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { Comparison } from "../../src/eval/report/comparison.ts";
import { ReportFile } from "../../src/eval/report-file.ts";
import { Report } from "../../src/eval/report.ts";
import { equiclip, temporaryFolder, writeConfig } from "./equiclip.ts";
import { drawUtkface } from "./faces.ts";

const temporary = temporaryFolder();
const at = (...parts: readonly string[]): string => join(temporary, ...parts);
const read = (...parts: readonly string[]): string => readFileSync(at(...parts), "utf8");
const run = (...args: readonly string[]) => equiclip(args, { cwd: temporary });
const LIMIT = 60_000;

/** Expects success without a word on stderr, and a report of the published form alone on stdout. */
async function report(...args: readonly string[]) {
  const { code, stdout, stderr } = await run(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return ReportFile.parse(JSON.parse(stdout));
}
const rowsOf = (file: string): Record<string, string>[] => parse(read(file), { columns: true });

beforeAll(async () => {
  await drawUtkface(at("faces"), 160, 1);
  await drawUtkface(at("strangers"), 40, 2);
  writeConfig(at("faces.yaml"), {
    name: "faces",
    threads: 1,
    data: {
      source: "utkface",
      path: "faces",
      sensitive: ["race"],
      intersections: [["race", "age_band"]],
    },
    balance: { method: "priority", attributes: ["race", "gender"] },
    model: { from: "preset:tiny" },
    train: { epochs: 1, batchSize: 16 },
    evaluate: { bootstrap: 50 },
    select: { required: true, constraints: [{ metric: "class.tpr_gap", limit: 0 }] },
  });
}, LIMIT);

describe("a model as it is", () => {
  test("classifies the test split of a config by its prompts", { timeout: LIMIT }, async () => {
    const args = ["eval", "faces.yaml", "--set", "train.epochs=7", "--out", "zero-shot"];
    const first = await report(...args);
    const rows = rowsOf("zero-shot/predictions.csv");
    expect("overall" in first && first.overall.count).toBe(rows.length);
    expect(read("zero-shot", "report.md")).toContain("nothing: classified by its prompts");

    // rows, weights and prompts are those that a run starts from: an untrained one says the same
    const set = ["--set", "train.lr=1e-30", "--set", "select.constraints=[]"];
    const untrained = await run("train", "faces.yaml", ...set, "--out", "untrained");
    expect(untrained.code).toBe(0);
    const scores = (table: Record<string, string>[]): number[] =>
      table.map((row) =>
        Number(Object.entries(row).find(([name]) => name.startsWith("score"))![1]),
      );
    const kept = rowsOf("untrained/predictions.csv");
    expect(rows.map(({ id }) => id)).toEqual(kept.map(({ id }) => id));
    scores(kept).forEach((score, i) => expect(scores(rows)[i]).toBeCloseTo(score, 5));
  });

  test.each<[string, string[], RegExp]>([
    ["data of its own", ["eval", "faces.yaml", "--data", "x"], /^equiclip: --data x belongs to/],
    ["no config to override", ["eval", "--set", "a=1", "r"], /^equiclip: --set overrides a config/],
  ])("%s", async (_what, args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("a run", () => {
  beforeAll(async () => {
    const { code, stderr } = await run("train", "faces.yaml");
    // no model meets a limit of 0 here, and the config says that one must
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
  }, LIMIT);

  test("ends again as it did", async () => {
    const { code, stderr } = await run("train", "faces.yaml", "--resume");
    expect(code).toBe(3);
    expect(stderr).toMatch(/^equiclip: checkpoints\/faces is complete; .*report\.html\n$/);
  });

  test("is not trained over by mistake", async () => {
    const { code, stderr } = await run("train", "faces.yaml");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^equiclip: checkpoints\/faces holds a run already: .*--resume.*--fresh.*\n$/,
    );
  });

  test("is not resumed with another config", async () => {
    const set = ["--set", "train.lr=1", "--set", "seed=5"];
    const { code, stderr } = await run("train", "faces.yaml", "--resume", ...set);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^equiclip: checkpoints\/faces .*another config: seed, train\.lr changed; .*\n$/,
    );
  });

  test("is measured again to the same numbers", async () => {
    const again = await report("eval", "checkpoints/faces");
    const written = ReportFile.parse(JSON.parse(read("checkpoints", "faces", "report.json")));
    expect(again).toEqual(written);
    for (const file of ["predictions.csv", "report.json"])
      expect(read("checkpoints", "faces", "eval-test", file)).toBe(
        read("checkpoints", "faces", file),
      );
  });

  test("is measured again from its predictions alone, without the model (C001-41)", async () => {
    const file = join("checkpoints", "faces", "predictions.csv");
    const [first] = rowsOf(file);
    expect(Object.keys(first!)).toEqual(
      expect.arrayContaining(["id", "truth", "predicted", "score_female", "score_male"]),
    );
    const args = ["--predictions", file, "--truth", "truth", "--predicted", "predicted"];
    const same = ["--positive", "male", "--weight", "weight", "--min-support", "20"];
    const groups = ["--groups", "race,race*age_band", "--scores", "score_", "--bootstrap", "50"];
    const table = Report.parse(
      await report("eval", ...args, ...same, ...groups, "--out", "from-table"),
    );
    const written = Comparison.parse(JSON.parse(read("checkpoints", "faces", "report.json")));
    const { overall, attributes, classGaps, confusion } = written.before;
    expect(table.confusion).toEqual(confusion);
    expect(table.overall).toEqual(overall);
    expect(table.classGaps).toEqual(classGaps);
    expect(table.attributes).toEqual(attributes);
  });

  test("is measured on a folder it never saw", async () => {
    const measured = await report(
      "eval",
      "checkpoints/faces",
      "--data",
      "strangers",
      "--out",
      "other",
    );
    expect("before" in measured && measured.before.n).toBe(40);
    expect(rowsOf(join("other", "predictions.csv"))).toHaveLength(40);
    const forms = ["predictions.csv", "report.html", "report.json", "report.md"];
    expect(readdirSync(at("other"))).toEqual(expect.arrayContaining(forms));
  });

  test("is measured on a table, to the same numbers as on its folder", async () => {
    const names = readdirSync(at("strangers"));
    const races = ["white", "black", "asian", "indian"];
    const lines = names.map((name) => {
      const [age, gender, race] = name.split("_").map(Number);
      const band = age! < 18 ? "0-17" : age! < 35 ? "18-34" : age! < 60 ? "35-59" : "60+";
      return [`strangers/${name}`, ["male", "female"][gender!], races[race!], band].join(",");
    });
    writeFileSync(at("new.csv"), ["image,gender,race,age_band", ...lines].join("\n"));
    const table = await report("eval", "checkpoints/faces", "--data", "new.csv");
    const folder = await report("eval", "checkpoints/faces", "--data", "strangers");
    const accuracy = (measured: ReportFile) =>
      "before" in measured ? measured.before.overall.accuracy : null;
    expect(accuracy(table)).toEqual(accuracy(folder));

    writeFileSync(
      at("robots.csv"),
      ["image,gender,race,age_band", `${lines[0]!.replace("male", "robot")}`].join("\n"),
    );
    const { code, stderr } = await run("eval", "checkpoints/faces", "--data", "robots.csv");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^equiclip: robots\.csv: .*gender=\w*robot, expected .* male.*\n$/);
  });

  test("whose test rows changed says so", async () => {
    const gone = rowsOf(join("checkpoints", "faces", "predictions.csv"))[0]!["id"]!;
    const path = at("faces", gone);
    const bytes = readFileSync(path);
    rmSync(path);
    const { code, stderr } = await run("eval", "checkpoints/faces");
    writeFileSync(path, bytes);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^equiclip: checkpoints\/faces: the data changed since the run.*--data\n$/,
    );
  });
});

describe("data", () => {
  test("inspect", async () => {
    const { code, stdout, stderr } = await run("data", "inspect", "faces", "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ rows: 160, rejected: [], unreadable: [] });
    const tables = await run("data", "inspect", "faces");
    expect(tables.code).toBe(0);
    for (const part of ["gender", "race", "age_band"]) expect(tables.stdout).toContain(part);
  });

  test("split, and the split is read back as it is", async () => {
    const { code, stdout, stderr } = await run(
      "data",
      "split",
      "faces.yaml",
      "--out",
      "splits.csv",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("manifest: splits.csv");
    const counts = (file: string): Record<string, number> => {
      const out: Record<string, number> = {};
      for (const { split } of rowsOf(file)) out[split!] = (out[split!] ?? 0) + 1;
      return out;
    };
    expect(counts("splits.csv")).toMatchObject({ train: 96, validation: 24, test: 40 });
    const source =
      "{source: csv, path: splits.csv, target: gender, sensitive: [race], splitColumn: split}";
    const again = ["data", "split", "faces.yaml", "--set", `data=${source}`, "--out", "again.csv"];
    expect(await run(...again)).toMatchObject({ code: 0, stderr: "" });
    const key = ({ image, split }: Record<string, string>): string => `${image} ${split}`;
    expect(rowsOf("again.csv").map(key).toSorted()).toEqual(
      rowsOf("splits.csv").map(key).toSorted(),
    );
  });

  test("balance, and what it wrote can be trained on", async () => {
    const { code, stdout, stderr } = await run("data", "balance", "faces.yaml", "--out", "level");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("manifest: level/manifest.csv");
    const plan = JSON.parse(read("level", "plan.json"));
    expect(plan.added.length + plan.removed.length).toBeGreaterThan(0);
    const rows = rowsOf(join("level", "manifest.csv"));
    expect(rows).toHaveLength(160 - plan.removed.length + plan.added.length);
    const source =
      "{source: csv, path: level/manifest.csv, target: gender, sensitive: [race], splitColumn: split}";
    const set = [`data=${source}`, "balance={method: none}", "debias.methods=[]", "select={}"];
    const args = ["train", "faces.yaml", "--out", "trained", ...set.flatMap((s) => ["--set", s])];
    expect(await report(...args)).toMatchObject({ n: 40 });
  });

  test("balance of a config without a plan", async () => {
    const set = ["--set", "balance={method: none}"];
    const { code, stderr } = await run("data", "balance", "faces.yaml", ...set);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^equiclip: faces\.yaml: balance\.method is none.*\n$/);
  });
});
