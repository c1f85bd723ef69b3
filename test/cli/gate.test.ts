/** @file `equiclip gate`, as CI runs it: what it prints, writes and exits with. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import { GateResult } from "../../src/eval/gate/result.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { writePredictions } from "../../src/eval/predictions-csv.ts";
import { measured, people } from "../eval/gate/people.ts";
import { type Ended, equiclip, temporaryFolder } from "./equiclip.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const run = (args: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  equiclip(args.split(" "), { cwd: folder, env });

/** A report beside its rows, as `equiclip eval --id` writes it. */
async function save(name: string, rows: Predictions): Promise<void> {
  mkdirSync(at(name));
  const report = evaluate(rows, { positive: "yes", uncertainty: { replicates: 400 } });
  const rowsFile = await writePredictions(at(`${name}/predictions.csv`), rows);
  writeFileSync(at(`${name}/report.json`), JSON.stringify({ ...report, rowsFile }));
}

const RULES = {
  "pass.yaml": "rules:\n  - { metric: eo.max, attribute: band, max: 0.5 }\n",
  "fail.yaml": `
rules:
  - { metric: accuracy, min: 0.5 }
  - metric: eo.max # a comment
    attribute: race
    max: 0.01
`,
  "insufficient.yaml": "rules: [{ metric: eo.max, attribute: band, max: 0.02 }]\n",
  "change.yaml": `
bound: ci
rules:
  - { metric: accuracy, max_decrease: 0.1 }
  - { metric: tpr, attribute: race, groups: [asian], max_decrease: 0.02 }
`,
};

beforeAll(async () => {
  await save("old", people({ rows: 1500, tpr: [0.8, 0.82, 0.84] }));
  await save("new", people({ rows: 1500, tpr: [0.6, 0.82, 0.84] }));
  for (const [name, text] of Object.entries(RULES)) writeFileSync(at(name), text);
});

describe("verdicts", () => {
  test.each([
    ["pass.yaml", 0, /^PASS: 1 of 1 check passes$/m],
    ["fail.yaml", 3, /^FAIL eo\.max by race: all of \[.*\] is above 0\.01$/m],
    ["insufficient.yaml", 4, /^INSUFFICIENT eo\.max by band: 0\.02 lies within \[/m],
  ])("%s exits with %d", async (rules, code, says) => {
    const ended = await run(`gate new/report.json --rules ${rules}`);
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: "" });
    expect(ended.stdout).toMatch(says);
  });

  test("a folder means the report in it, gate.yaml the rules", async () => {
    copyFileSync(at("pass.yaml"), at("gate.yaml"));
    expect((await run("gate new")).code).toBe(0);
    rmSync(at("gate.yaml"));
  });

  test("--json prints the machine form alone", async () => {
    const { code, stdout } = await run("gate new --rules fail.yaml --json");
    expect(code).toBe(3);
    expect(GateResult.parse(JSON.parse(stdout))).toMatchObject({
      verdict: "FAIL",
      counts: { PASS: 1, FAIL: 1, INSUFFICIENT: 0 },
    });
  });

  test("files for CI, and annotations beside the rules", async () => {
    const summary = at("summary.md");
    writeFileSync(summary, "# before\n");
    const { code, stdout } = await run(
      "gate new --rules fail.yaml --markdown out/gate.md --junit out/gate.xml --github",
      { GITHUB_STEP_SUMMARY: summary },
    );
    expect(code).toBe(3);
    const markdown = readFileSync(at("out/gate.md"), "utf8");
    expect(markdown).toMatch(/^## Fairness gate: FAIL\n/);
    expect(readFileSync(summary, "utf8")).toBe(`# before\n${markdown}`);
    expect(readFileSync(at("out/gate.xml"), "utf8")).toContain('<failure type="FAIL"');
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(
      /^::error file=fail\.yaml,line=4,title=Fairness gate%3A FAIL::eo\.max by race: all of /,
    );
    // the runner takes no commands from the table
    const token = /^::stop-commands::(.+)$/.exec(lines[1]!)![1];
    expect(lines.at(-1)).toBe(`::${token}::`);
    expect(lines).toContain("FAIL: 1 of 2 checks fails, 1 passes");
  });

  test("without a summary, --github annotates alone", async () => {
    const { code, stdout } = await run("gate new --rules pass.yaml --github", {
      GITHUB_STEP_SUMMARY: "",
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^::stop-commands::/);
  });
});

describe("baselines", () => {
  const gate = async (baseline: string) => {
    const { stdout, code } = await run(
      `gate new --rules change.yaml --baseline ${baseline} --json`,
    );
    return { code, checks: GateResult.parse(JSON.parse(stdout)).checks };
  };
  const width = ({ interval }: GateResult["checks"][number]): number => interval![1] - interval![0];

  test("rows beside both reports are paired, and make narrower intervals", async () => {
    const paired = await gate("old");
    expect(paired.code).toBe(3);
    expect(paired.checks.map(({ verdict }) => verdict)).toEqual(["PASS", "FAIL"]);
    expect(paired.checks.every(({ baseline }) => baseline?.paired)).toBe(true);
    mkdirSync(at("bare"));
    copyFileSync(at("old/report.json"), at("bare/report.json"));
    const unpaired = await gate("bare/report.json");
    unpaired.checks.forEach((check, i) => {
      expect(check.baseline?.unpaired).toBe("predictions.csv is not beside the baseline");
      expect(check.value).toBe(paired.checks[i]!.value);
      expect(width(check)).toBeGreaterThan(width(paired.checks[i]!));
    });
  });

  test("edited rows are an error", async () => {
    mkdirSync(at("edited"));
    copyFileSync(at("old/report.json"), at("edited/report.json"));
    writeFileSync(
      at("edited/predictions.csv"),
      `${readFileSync(at("old/predictions.csv"), "utf8")}\n`,
    );
    const { code, stderr } = await run("gate new --rules change.yaml --baseline edited");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /edited\/predictions\.csv is not what the report beside it was made of: expected sha256 [0-9a-f]{64}, received/,
    );
    // rules that compare nothing read no rows
    expect((await run("gate new --rules pass.yaml --baseline edited")).code).toBe(0);
  });

  test("another level is an error", async () => {
    writeFileSync(
      at("level.json"),
      JSON.stringify(measured({ rows: 300 }, { uncertainty: { level: 0.8, replicates: 10 } })),
    );
    const { code, stderr } = await run("gate new --rules change.yaml --baseline level.json");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "equiclip: the baseline does not compare with the report: its level of the intervals (0.8) should be 0.95\n",
    });
  });
});

describe("what cannot be judged", () => {
  const fails = async (args: string, ...says: RegExp[]): Promise<void> => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    const lines = stderr.trimEnd().split("\n");
    expect(lines.length).toBe(says.length);
    says.forEach((pattern, i) => expect(lines[i]).toMatch(pattern));
  };

  test("every problem of the rules at once, each with its place", async () => {
    writeFileSync(
      at("typos.yaml"),
      "bound: both\nrules:\n  - metric: eo.max\n    mx: 0.1\n  - { metric: di, min: 0.8, attribute: 3 }\n",
    );
    await fails(
      "gate new --rules typos.yaml",
      /^equiclip: typos\.yaml:1:8 bound: expected ci or point or upper or lower, received "both"$/,
      /^equiclip: typos\.yaml:4:5 rules\.0\.mx: unknown key, did you mean max\?$/,
      /^equiclip: typos\.yaml:5:40 rules\.1\.attribute: expected a string, received 3$/,
    );
  });

  test("every name that the report does not have, each with its place", async () => {
    writeFileSync(
      at("names.yaml"),
      "rules:\n  - { metric: eo.mx, max: 0.1 }\n  - { metric: di, attribute: rase, min: 0.8 }\n  - { metric: tpr, attribute: race, groups: [white, purple], min: 0.8 }\n",
    );
    await fails(
      "gate new --rules names.yaml --junit never.xml",
      /^equiclip: names\.yaml:2:15 rules\.0\.metric: there is no metric "eo\.mx", did you mean eo\.max\?; there are the gaps eo\.max, /,
      /^equiclip: names\.yaml:3:30 rules\.1\.attribute: there is no attribute "rase", did you mean race\?; there are: race, band$/,
      /^equiclip: names\.yaml:4:53 rules\.2\.groups\.1: there is no group of race "purple"; there are: asian, black, white$/,
    );
    expect(existsSync(at("never.xml"))).toBe(false);
  });

  test.each<[string, string, RegExp]>([
    [
      "gone.yaml",
      "gate new --rules gone.yaml",
      /cannot read rules gone\.yaml: .*; equiclip gate init REPORT writes some/,
    ],
    [
      "no rules",
      "gate new --rules empty.yaml",
      /empty\.yaml:1:1 rules: expected an array, received nothing/,
    ],
    [
      "no baseline",
      "gate new --rules change.yaml",
      /change\.yaml:4:5 rules\.0: a limit on a change needs a baseline/,
    ],
    [
      "no report",
      "gate nowhere --rules pass.yaml",
      /cannot read report nowhere: .*; give a report\.json/,
    ],
    [
      "no JSON",
      "gate pass.yaml --rules pass.yaml",
      /pass\.yaml: expected a report as JSON: Unexpected token/,
    ],
    [
      "other JSON",
      "gate other.json --rules pass.yaml",
      /other\.json: expected a report, with schema equiclip\.report\/1 or equiclip\.comparison\/1 or equiclip\.retrieval\/1, received "equiclip\.gate\/1"/,
    ],
    [
      "half a report",
      "gate half.json --rules pass.yaml",
      /half\.json: n: expected a number, received nothing \(and \d+ more\); measure again with this version/,
    ],
    [
      "a report of nothing",
      "gate null.json --rules pass.yaml",
      /null\.json: expected a report, .* received none/,
    ],
    [
      "both forms",
      "gate new --rules pass.yaml --json --github",
      /Arguments github and json are mutually exclusive/,
    ],
  ])("%s", async (_, args, says) => {
    writeFileSync(at("empty.yaml"), "");
    writeFileSync(at("other.json"), '{"schema":"equiclip.gate/1"}');
    writeFileSync(at("half.json"), '{"schema":"equiclip.report/1"}');
    writeFileSync(at("null.json"), "null");
    if (args.includes("change.yaml")) return fails(args, says, /rules\.1: a limit on a change/);
    return fails(args, says);
  });
});

describe("init", () => {
  test("rules for a report, which run on it", async () => {
    const made = await run("gate init new --out start.yaml");
    expect(made).toMatchObject({
      code: 0,
      stdout: "wrote start.yaml; judge with: equiclip gate new --rules start.yaml\n",
    });
    expect(readFileSync(at("start.yaml"), "utf8")).toContain("attributes: [race, band]");
    expect((await run("gate new --rules start.yaml")).code).toBe(3);
  });

  test("never over a file that is there, unless told to", async () => {
    writeFileSync(at("mine.yaml"), "rules: mine\n");
    const refused = await run("gate init --out mine.yaml");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/mine\.yaml is there already; --force overwrites it/);
    expect(readFileSync(at("mine.yaml"), "utf8")).toBe("rules: mine\n");
    expect((await run("gate init --out mine.yaml --force")).code).toBe(0);
    expect((await run("gate new --rules mine.yaml")).code).toBe(3);
  });
});
