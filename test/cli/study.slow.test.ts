/** @file Every config of study 001 runs end to end on a small sample (C001-46), and is gone on with after an interrupt. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { StudyResult } from "../../src/study/result.ts";
import { STRATEGIES, jobsOf } from "../../src/study/strategies.ts";
import { equiclip, stopped, temporaryFolder } from "./equiclip.ts";

const temporary = temporaryFolder();
const ALL = ["study", "001", "--synthetic", "--scale", "0.05", "--seeds", "0"];

test("all strategies on drawn faces, stopped in the middle", async () => {
  const out = join(temporary, "study");
  const args = [...ALL, "--out", out, "--json"];
  const begun = await stopped([...args, "--fresh"], out, {
    at: "study.yaml",
    after: 30_000,
    signals: ["SIGINT"],
  });
  expect(begun.code, begun.stderr).toBe(130);
  const { code, stdout, stderr } = await equiclip([...args, "--resume"], { cwd: temporary });
  expect(code, stderr).toBe(0);
  const result = StudyResult.parse(JSON.parse(stdout));
  expect(result.runs.filter(({ status }) => status !== "done")).toEqual([]);
  expect(new Set(result.runs.map(({ strategy }) => strategy)).size).toBe(STRATEGIES.length);
  expect(jobsOf(STRATEGIES, [0])).toHaveLength(22);
}, 900_000);
