/** @file Judges a report and says so: to people, to CI systems, and with the exit code. */
import { existsSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import type { Baseline } from "../eval/gate/baseline.ts";
import { judgeReport } from "../eval/gate/judge.ts";
import type { GateResult } from "../eval/gate/result.ts";
import { GateRules, limitsOf, type Rule } from "../eval/gate/rules.ts";
import type { Verdict } from "../eval/gate/verdict.ts";
import type { Report } from "../eval/report.ts";
import type { ReportFile } from "../eval/report-file.ts";
import type { Predictions } from "../eval/predictions.ts";
import { gateAnnotations, type RulesPlace } from "../report/gate/annotations.ts";
import { gateJunit } from "../report/gate/junit.ts";
import { gateMarkdown } from "../report/gate/markdown.ts";
import { starterRules } from "../report/gate/starter/starter.ts";
import { gateText } from "../report/gate/text.ts";
import { terminalOf } from "../report/terminal/terminal.ts";
import { EXIT, messageOf, UsageError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import { parseYaml } from "../run/yaml/parse.ts";
import { readReport, readRows } from "./read-report.ts";

export interface JudgeOptions {
  readonly rules: string;
  readonly baseline: string | undefined;
  /** Files to write. */
  readonly markdown: string | undefined;
  readonly junit: string | undefined;
  readonly github: boolean;
  readonly json: boolean;
}

const EXITS = {
  PASS: EXIT.done,
  FAIL: EXIT.fail,
  INSUFFICIENT: EXIT.insufficient,
} as const satisfies Record<Verdict, number>;

/** Sets the exit code of the process. Throws UsageError for a report, baseline or rule that cannot be judged. */
export async function judge(path: string, options: JudgeOptions): Promise<void> {
  const rules = await readRules(options.rules);
  const report = await readReport(path);
  const baseline = await baselineOf(path, report, options.baseline, rules.value.rules);
  const result = rules.located((value) => judgeReport(report, value, baseline));

  const { markdown, junit, github, json } = options;
  if (markdown !== undefined) await writeFileAtomic(markdown, gateMarkdown(result));
  if (junit !== undefined) await writeFileAtomic(junit, gateJunit(result));
  if (github)
    await sayToGithub(result, {
      file: options.rules,
      line: (rule) => rules.line(["rules", rule]),
    });
  else process.stdout.write(json ? `${JSON.stringify(result)}\n` : textOf(result));
  process.exitCode = EXITS[result.verdict];
}

const textOf = (result: GateResult): string => `${gateText(result, terminalOf(process.stdout))}\n`;

async function readRules(file: string) {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(
      `cannot read rules ${file}: ${messageOf(cause)}; equiclip gate init REPORT writes some to start from`,
    );
  });
  return parseYaml(GateRules, file, text);
}

/** The earlier report, and the rows of both where a rule limits a change. */
async function baselineOf(
  path: string,
  report: ReportFile,
  earlier: string | undefined,
  rules: readonly Rule[],
): Promise<Baseline | undefined> {
  if (earlier === undefined) return undefined;
  const before = await readReport(earlier);
  const methods = new Set(
    rules.filter((rule) => limitsOf(rule).of === "change").map(({ method }) => method),
  );
  const rows = new Map<string, Predictions>();
  for (const [at, file] of [
    [path, report],
    [earlier, before],
  ] as const)
    for (const model of modelsOf(file, methods)) {
      const read = await readRows(at, model);
      if (read) rows.set(model.rowsFile!.sha256, read);
    }
  return { report: before, rows };
}

/** @param methods undefined for the model as trained */
function modelsOf(file: ReportFile, methods: ReadonlySet<string | undefined>): Report[] {
  if ("queries" in file) return []; // rankings name no rows
  if (!("before" in file)) return methods.size > 0 ? [file] : [];
  return [...methods].flatMap((method) =>
    method === undefined ? file.before : (file.after[method] ?? []),
  );
}

/** Annotations, the table, and the job's summary where there is one. */
async function sayToGithub(result: GateResult, rules: RulesPlace): Promise<void> {
  // names in the table could otherwise be taken for commands to the runner
  const token = randomUUID();
  process.stdout.write(
    `${gateAnnotations(result, rules)}::stop-commands::${token}\n${textOf(result)}::${token}::\n`,
  );
  const summary = process.env["GITHUB_STEP_SUMMARY"];
  if (summary) await appendFile(summary, gateMarkdown(result));
}

/** Writes rules to start from. Throws UsageError when the file is there. */
export async function init(path: string | undefined, out: string, force: boolean): Promise<void> {
  if (!force && existsSync(out))
    throw new UsageError(`${out} is there already; --force overwrites it, --out names another`);
  const report = path === undefined ? null : await readReport(path);
  await writeFileAtomic(out, starterRules(report));
  process.stdout.write(
    `wrote ${out}; judge with: equiclip gate ${path ?? "REPORT"} --rules ${out}\n`,
  );
}
