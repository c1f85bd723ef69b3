/** @file Ten million rows through the command line. Prints the time and the memory that it took. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Report } from "../../../src/eval/report.ts";
import { equiclip } from "../../cli/equiclip.ts";
import { having, writeManyRows } from "./many-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-size-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const N = 10_000_000;
const GROUPS = ["--groups", "group,age,group*age", "--bins", "age=0,18,60", "--weight", "weight"];

test("10 million rows in a heap of 256 MiB", async () => {
  writeManyRows(join(folder, "rows.csv"), N);
  const started = performance.now();
  const { code, stdout, stderr } = await equiclip(
    ["eval", "--predictions", "rows.csv", "--truth", "y", "--predicted", "p", ...GROUPS, "--json"],
    { cwd: folder, env: { NODE_OPTIONS: "--max-old-space-size=256" } },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const report = Report.parse(JSON.parse(stdout));
  const positives = having(N, 2, 1);
  expect(report.n).toBe(N);
  expect(report.overall.tpr).toMatchObject({
    numerator: 2 * (positives - having(N, 6, 3)),
    denominator: 2 * positives,
  });
  expect(Object.keys(report.attributes["group*age"]!.groups)).toHaveLength(21);
  const seconds = Math.round((performance.now() - started) / 1000);
  const [, memory] =
    /peak memory \| (\S+ \S+)/.exec(readFileSync(join(folder, "eval-rows", "report.md"), "utf8")) ??
    [];
  console.log(`10 million rows: ${seconds} s, ${memory}`);
});
