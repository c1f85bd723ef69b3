/** @file `equiclip gate`: judges a report by rules. */
import type { CommandModule } from "yargs";
import { jsonOption } from "./options.ts";

const REPORT = "report.json, or the folder it is in";

interface Args {
  report: string;
  rules: string;
  baseline: string | undefined;
  markdown: string | undefined;
  junit: string | undefined;
  github: boolean | undefined;
  json: boolean | undefined;
}

const judgeCommand: CommandModule<object, Args> = {
  command: "$0 <report>",
  describe: "judge a report by rules: PASS, FAIL or INSUFFICIENT evidence",
  builder: (y) =>
    y
      .positional("report", { type: "string", demandOption: true, describe: REPORT })
      .option("rules", { type: "string", default: "gate.yaml", describe: "the rules, a YAML file" })
      .option("baseline", {
        type: "string",
        describe: "earlier report that max_increase and max_decrease compare with",
      })
      .option("markdown", {
        type: "string",
        describe: "file for a comment on a pull request or the summary of a job",
      })
      .option("junit", { type: "string", describe: "file for CI systems that show tests" })
      .option("github", {
        type: "boolean",
        describe: "annotate a GitHub Actions run, and add to its summary",
      })
      .option("json", jsonOption)
      .conflicts("github", "json")
      .example("$0 gate eval-test", "by the rules in gate.yaml")
      .example("$0 gate new.json --baseline old.json", "what got worse, too")
      .example("$0 gate eval-test --junit gate.xml", "for a CI system")
      .epilog(
        "Exit codes: 0 PASS, 2 a rule that cannot be judged, 3 FAIL, 4 INSUFFICIENT evidence.",
      ),
  handler: async ({ report, rules, baseline, markdown, junit, github = false, json = false }) => {
    const { judge } = await import("./judge.ts");
    await judge(report, { rules, baseline, markdown, junit, github, json });
  },
};

interface InitArgs {
  report: string | undefined;
  out: string;
  force: boolean | undefined;
}

const initCommand: CommandModule<object, InitArgs> = {
  command: "init [report]",
  describe: "write commented rules to start from",
  builder: (y) =>
    y
      .positional("report", {
        type: "string",
        describe: `${REPORT}: the rules are about what it has`,
      })
      .option("out", { type: "string", default: "gate.yaml", describe: "file for the rules" })
      .option("force", { type: "boolean", describe: "overwrite it" })
      .example("$0 gate init eval-test", "rules for that report")
      .example("$0 gate init --out fairness.yaml", "rules for any report"),
  handler: async ({ report, out, force = false }) => {
    const { init } = await import("./judge.ts");
    await init(report, out, force);
  },
};

export const gateCommand: CommandModule = {
  command: "gate",
  describe: "judge a report by rules, for CI",
  builder: (y) => y.command(judgeCommand).command(initCommand),
  handler: () => {},
};
