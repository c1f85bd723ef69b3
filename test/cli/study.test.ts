/** @file `equiclip study`: runs, keeps what is done, reports, and what it refuses. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { predictionsOf } from "../../src/cli/study/job.ts";
import { runFolder } from "../../src/run/folder.ts";
import { StudyResult } from "../../src/study/result.ts";
import { STRATEGIES } from "../../src/study/strategies.ts";
import { equiclip, stopped, temporaryFolder } from "./equiclip.ts";
import { drawUtkface } from "./faces.ts";

const temporary = temporaryFolder();
const QUICK = ["threads=1", "evaluate.bootstrap=50", "data.duplicates=ignore"];
const ARGS = ["--data", "faces", "--scale", "0.5", "--model", "preset:tiny"];
const study = (...args: readonly string[]) =>
  equiclip(["study", "001", ...ARGS, ...QUICK.flatMap((pair) => ["--set", pair]), ...args], {
    cwd: temporary,
  });

/** The drawing has no fifth tone: every fifth face is of the race "other". */
beforeAll(async () => {
  const faces = join(temporary, "faces");
  for (const [i, name] of (await drawUtkface(faces, 240)).entries())
    if (i % 5 === 0)
      renameSync(join(faces, name), join(faces, name.replace(/^(\d+_\d)_\d/, "$1_4")));
});

test("two strategies over seeds: what is done is kept, what fails is told, the report has all", async () => {
  const only = ["--only", "clip-zeroshot,clip-constrained", "--json"];
  const first = await study("--seeds", "0", ...only);
  // 240 faces are too few for the constrained strategy's 1,000 of each gender
  expect(first.stderr).toMatch(/clip-constrained seed 0: failed: sample: expected 500 rows/);
  expect(first.code).toBe(0);
  const one = StudyResult.parse(JSON.parse(first.stdout));
  expect(one.data).toMatchObject({ synthetic: false, files: 240, scale: 0.5 });
  expect(one.runs.filter(({ status }) => status === "done")).toHaveLength(4);
  const zeroShot = one.corrections.find(({ strategy }) => strategy === "clip-zeroshot")!;
  expect(zeroShot.rows).toBe(24);

  expect(await study("--seeds", "0", ...only)).toMatchObject({ code: 2, stdout: "" });
  const second = await study("--seeds", "0,1", ...only, "--resume");
  expect(second.stderr).toMatch(/8 runs, 2 of them done/);
  expect(second.stderr).not.toMatch(/clip-zeroshot seed 0/);
  expect(second.stderr).not.toMatch(/another config/);
  const two = StudyResult.parse(JSON.parse(second.stdout));
  expect(two.runs.slice(0, 2)).toEqual(one.runs.slice(0, 2));
  expect(two.runs.filter(({ status }) => status === "done")).toHaveLength(8);

  for (const run of two.runs)
    if (run.status === "done")
      expect(existsSync(join(temporary, "study-001", run.folder, "config.yaml")), run.folder).toBe(
        true,
      );

  const page = readFileSync(join(temporary, "study-001", "report.html"), "utf8");
  expect(page).toContain("published values do not apply to preset:tiny");
  expect(page).toContain("clip-constrained (compat)");
  expect(existsSync(join(temporary, "study-001", "report.md"))).toBe(true);

  const config = join(temporary, "study-001/runs/001-clip-zeroshot/seed-0/config.yaml");
  writeFileSync(config, readFileSync(config, "utf8").replace(/minSupport: \d+/, "minSupport: 7"));
  const third = await study("--seeds", "0", "--only", "clip-zeroshot", "--json", "--resume");
  expect(third.stderr).toMatch(/another config .*, and kept: 001-clip-zeroshot seed 0; delete/);

  const changed = await equiclip(
    ["study", "001", "--data", "faces", "--scale", "0.25", "--model", "preset:tiny", "--resume"],
    { cwd: temporary },
  );
  expect(changed).toMatchObject({ code: 2, stdout: "" });
  expect(changed.stderr).toMatch(/was started with other options: scale, set changed/);
}, 120_000);

test("predictions of a strategy are those of what it is asked: an output, prompts, a way of a sweep, the target", () => {
  const run = runFolder("run");
  const of = (key: string) =>
    Object.values(STRATEGIES.find((strategy) => strategy.key === key)!.forms).map((source) =>
      predictionsOf(source!, run),
    );
  const [race, asked] = ["output-race", "prompts-race"].map((name) =>
    join("run", name, "predictions.csv"),
  );
  expect(of("serawan")).toEqual([run.predictions, run.predictions]);
  expect(of("serawan-race")).toEqual([race, race]);
  expect(of("clip-zeroshot-race")).toEqual([asked, asked]);
  expect(of("clip-constrained")).toEqual([
    join("run", "prompts-evaluation-as-run", "predictions.csv"),
    run.predictions,
  ]);
  expect(new Set(of("clip-subspace")).size).toBe(2);
});

test("interrupted, it leaves the report of what is done", async () => {
  const args = ["study", "001", ...ARGS, ...QUICK.flatMap((pair) => ["--set", pair])];
  const more = ["--seeds", "0", "--out", "stopped", "--only"];
  const zeroShot = await equiclip([...args, ...more, "clip-zeroshot"], { cwd: temporary });
  expect(zeroShot.code, zeroShot.stderr).toBe(0);
  const both = [...args, ...more, "clip-zeroshot,clip-contrastive-original", "--resume"];
  const run = join(temporary, "stopped", "runs", "001-clip-contrastive-original", "seed-0");
  const stop = { at: "log.jsonl", signals: ["SIGINT"] } as const;
  const { code, stderr } = await stopped(both, run, stop, { cwd: temporary });
  expect(code, stderr).toBe(130);
  expect(stderr).toMatch(/3 of 4 runs are done, and their report is there; .* was interrupted/);
  const file = readFileSync(join(temporary, "stopped", "result.json"), "utf8");
  const { runs } = StudyResult.parse(JSON.parse(file));
  expect(runs.map(({ strategy, form, status }) => `${strategy} ${form}: ${status}`)).toEqual(
    ["clip-zeroshot", "clip-contrastive-original", "clip-zeroshot-race"]
      .flatMap((key) => [`${key} compat: done`, `${key} corrected: done`])
      .concat("clip-contrastive-original-race compat: done")
      .map((line) => line.replace("original corrected: done", "original corrected: waiting"))
      .concat("clip-contrastive-original-race corrected: waiting"),
  );
}, 120_000);

test("a wrong folder or setting leaves nothing behind that stands in the way of the right one", async () => {
  const args = ["study", "001", "--only", "clip-zeroshot", "--out", "late", "--data"];
  expect(await equiclip([...args, "nowhere"], { cwd: temporary })).toMatchObject({ code: 2 });
  const slip = await equiclip([...args, "faces", "--set", "train.epocs=3"], { cwd: temporary });
  expect(slip).toMatchObject({ code: 2, stdout: "" });
  expect(slip.stderr).toMatch(/train\.epocs: unknown key/);
  expect(existsSync(join(temporary, "late"))).toBe(false);
});

test.each([
  [["study", "002", "--synthetic"], /expected .*001/],
  [["study", "001"], /expected its data, --data FOLDER of UTKFace files, or --synthetic/],
  [["study", "001", "--synthetic", "--scale", "2"], /--scale 2: expected a number above 0/],
  [["study", "001", "--synthetic", "--seeds", "0,0"], /--seeds 0,0: expected different whole/],
  [["study", "001", "--synthetic", "--seeds", "1,,2"], /--seeds 1,,2: expected different whole/],
  [["study", "001", "--synthetic", "--set", "seed=5"], /--set seed=5: expected --seeds or --data/],
  [["study", "001", "--synthetic", "--only", "wrad"], /--only wrad: expected strategies/],
  [["study", "001", "--data", "nowhere", "--out", "new"], /nowhere: no such folder/],
])("%s is a usage error", async (args, message) => {
  const { code, stdout, stderr } = await equiclip(args, { cwd: temporary });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(message);
});
