/** @file What docs/audit-face-api.md says is what the example's commands find, where the faces' labels and predictions are. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { AGE_BANDS } from "../../src/data/bands.ts";
import { parseUtkfaceName } from "../../src/data/utkface.ts";
import { Report } from "../../src/eval/report.ts";
import { EXIT } from "../../src/run/errors.ts";
import { bands } from "../../src/run/bands.ts";
import { temporaryFolder } from "../cli/equiclip.ts";
import { faceapi, hasFaceapi, hasUtkface, utkface } from "../golden.ts";

const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs", "audit-face-api.md"), "utf8");
const guide = readFileSync(join(root, "examples", "audit-any-model", "README.md"), "utf8");

/** What `table.ts` makes, with the clusters of an earlier audit; looking at the pictures takes a minute. */
function table(): string {
  const records = (file: string): Record<string, string>[] =>
    parse(readFileSync(file), { columns: true });
  const clusters = new Map(
    records(utkface("audit.csv")).map((row) => [row["file"], row["near_dup_group"]]),
  );
  const bandOf = bands(AGE_BANDS);
  const rows = records(faceapi("predictions.csv")).map((said) => {
    const face = parseUtkfaceName(said["file"]!);
    if (typeof face === "string") throw new Error(face);
    const { gender, race, age } = face;
    const cluster = clusters.get(said["file"]) || said["file"];
    return { ...said, cluster, gender, race, age_band: bandOf(age), age };
  });
  return stringify(rows, { header: true });
}

interface Check {
  readonly title: string;
  readonly verdict: string;
  readonly value: number;
  readonly interval: readonly [number, number];
}
interface Audit {
  readonly all: Report;
  readonly adults: Report;
  readonly gate: { readonly verdict: string; readonly checks: readonly Check[] };
}

/** Runs the guide's commands as they stand there, in a folder that looks like the root of a clone. */
function audit(work: string): Audit {
  mkdirSync(join(work, "data"));
  symlinkSync(join(root, "examples"), join(work, "examples"));
  writeFileSync(join(work, "data", "table.csv"), table());
  const tsx = import.meta.resolve("tsx");
  const equiclip = `equiclip() { "${process.execPath}" --import "${tsx}" "${root}/src/cli/main.ts" "$@"; }`;
  const bash = (script: string, exitCode: number): string => {
    const options = { cwd: work, encoding: "utf8" } as const;
    const ended = spawnSync("bash", ["-c", `${equiclip}\n${script}`], options);
    expect(ended.status, ended.stderr).toBe(exitCode);
    return ended.stdout;
  };
  const [, section = ""] = guide.split("## Audit\n");
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, commands]) => commands!);
  expect(blocks).toHaveLength(2);
  bash(blocks[0]!, EXIT.fail); // the gate's is the last
  bash(blocks[1]!, EXIT.done);
  const report = (run: string): Report =>
    Report.parse(JSON.parse(readFileSync(join(work, "checkpoints", run, "report.json"), "utf8")));
  const judge =
    "equiclip gate checkpoints/audit-face-api --rules examples/audit-any-model/gate.yaml";
  return {
    all: report("audit-face-api"),
    adults: report("audit-face-api-adults"),
    gate: JSON.parse(bash(`${judge} --json`, EXIT.fail)) as Audit["gate"],
  };
}

type Triple = readonly [value: number, low: number, high: number];

/** Every "0.094 [0.068, 0.124]" of a text. */
const triplesIn = (text: string): Triple[] =>
  [...text.matchAll(/(0\.\d{3})\s\[(0\.\d{3}), (0\.\d{3})\]/g)].map(
    ([, ...numbers]) => numbers.map(Number) as unknown as Triple,
  );

/** Every value with an interval in plain data. */
function estimatesIn(data: unknown): Triple[] {
  if (typeof data !== "object" || data === null) return [];
  const { value, interval } = data as { value?: unknown; interval?: unknown };
  const inside = Object.values(data).flatMap(estimatesIn);
  return typeof value === "number" && Array.isArray(interval)
    ? [[value, ...(interval as [number, number])], ...inside]
    : inside;
}

/** The page's digits; ends of intervals may move a little with one cluster more or less. */
const agree = (said: Triple, [value, low, high]: Triple): boolean =>
  Math.abs(said[0] - value) < 0.00051 &&
  Math.abs(said[1] - low) < 0.004 &&
  Math.abs(said[2] - high) < 0.004;

describe.skipIf(!hasFaceapi || !hasUtkface)("the audit of face-api", () => {
  const work = temporaryFolder();
  let found: Audit;
  beforeAll(() => {
    found = audit(work);
  }, 300_000);

  test("every number with an interval on the page is one of the reports'", () => {
    const estimates = [...estimatesIn(found.all), ...estimatesIn(found.adults)];
    const mirrored = estimates.map(([value, low, high]): Triple => [-value, -high, -low]);
    const said = triplesIn(page);
    expect(said.length).toBeGreaterThan(20);
    const known = [...estimates, ...mirrored];
    expect(said.filter((triple) => !known.some((one) => agree(triple, one)))).toEqual([]);
  });

  test("the gaps and what fair models show are those of the attributes named", () => {
    const words = page.replaceAll(/\s+/g, " ");
    const { race, age_band: age } = found.all.attributes;
    for (const [before, gap] of [
      ["`eo.max` by age band is", age!.gaps["eo.max"]!],
      ["**`eo.max` by race is", race!.gaps["eo.max"]!],
      ["There `eo.max` by race is", found.adults.attributes["race"]!.gaps["eo.max"]!],
    ] as const) {
      const after = words.slice(words.indexOf(before) + before.length);
      expect(words, before).toContain(before);
      expect(Number(after.slice(1, 6))).toBeCloseTo(gap.value!, 3);
      const fair = /a fair model would show up to (0\.\d+)/.exec(after);
      expect(Math.abs(Number(fair![1]) - gap.fair!.p95)).toBeLessThan(0.0015);
    }
  });

  test("shares of men and women are those of the groups named", () => {
    const percent = (value: number | null, digits: number): string =>
      `${(100 * value!).toFixed(digits)}%`;
    const { groups } = found.all.attributes["race"]!;
    const adults = found.adults.attributes["race"]!.groups;
    const words = page.replaceAll(/\s+/g, " ");
    const men = (group: string): string => percent(groups[group]!.tpr.value, 0);
    const women = (group: string): string => percent(adults[group]!.fpr.value, 1);
    expect(men("other")).toBe(men("asian"));
    expect(words).toContain(
      `${men("black")} of black men are called men, of asian men and of men of the group "other" ${men("asian")}`,
    );
    expect(words).toContain(
      `${women("black")} of black women are called men, of white women ${women("white")}, of asian women ${women("asian")}`,
    );
    const { overall } = found.all;
    expect(words).toContain(
      `right for ${overall.accuracy.numerator!.toLocaleString("en")} of ${found.all.n.toLocaleString("en")} faces`,
    );
    const wrong = (rate: number | null): number => 1 - rate!;
    const children = found.all.attributes["age_band"]!.groups["0-17"]!;
    expect(wrong(children.accuracy.value) / wrong(found.adults.overall.accuracy.value)).toBeCloseTo(
      6,
      0,
    );
  });

  test("the slices are all that were found, in order", () => {
    const [, section = ""] = page.split("## The worst slices");
    const said = [...section.matchAll(/^\|.*(0\.\d{3}) \[.* (0\.\d{3}) +\|$/gm)];
    const slices = found.all.slices!.found;
    expect(said.map(([, of, rest]) => [of, rest])).toEqual(
      slices.map(({ of, rest }) => [of.value!.toFixed(3), rest.value!.toFixed(3)]),
    );
    expect(section).toContain(found.adults.slices!.found[0]!.of.value!.toFixed(3));
  });

  test("the gate says so", () => {
    expect(found.gate.verdict).toBe("FAIL");
    const [, section = ""] = page.split("## What the gate says");
    const checks = new Map(found.gate.checks.map((check) => [check.title, check]));
    const rows = [...section.matchAll(/^\| (FAIL|INSUFFICIENT|PASS) +\| (\S.*?) +\| (0.*?\]) /gm)];
    for (const [, verdict, title, estimate] of rows) {
      const check = checks.get(title!.replaceAll("\\", ""));
      expect(check, title).toMatchObject({ verdict });
      expect(agree(triplesIn(estimate!)[0]!, [check!.value, ...check!.interval]), title).toBe(true);
    }
    // the page has one row for the five races' calibration
    expect(rows).toHaveLength(found.gate.checks.length - 4);
    const ece = found.gate.checks.filter(({ title }) => title.startsWith("ece of race="));
    expect(ece.map(({ verdict }) => verdict)).toEqual(Array(5).fill("PASS"));
    expect(Math.max(...ece.map(({ value }) => value))).toBe(checks.get("ece of race=black")!.value);
  });
});
