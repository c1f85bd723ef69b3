/** @file `equiclip doctor`: which engines this machine can run, how fast, and how to get the others. */
import type { CommandModule } from "yargs";
import { bytes } from "../report/format.ts";
import { type Terminal, terminalOf, wrap } from "../report/terminal/terminal.ts";
import { ENGINE_NAMES, type EngineName } from "../run/config/engine.ts";
import { EXIT } from "../run/errors.ts";
import type { Examination, Finding } from "./doctor/examine.ts";
import type { Found } from "./doctor/work.ts";
import { jsonOption } from "./options.ts";

interface Args {
  engine: EngineName | undefined;
  measure: boolean;
  json: boolean | undefined;
}

const HEAD = "  ";
const width = Math.max(...ENGINE_NAMES.map((name) => name.length)) + HEAD.length;

const foundText = ({ imagesPerSecond, peakMemoryBytes, difference }: Found): string =>
  `${imagesPerSecond.toPrecision(3)} images/s, ${bytes(peakMemoryBytes)}, differs from float64 by ${difference.toExponential(0)}`;

/** What follows the name: one line each. */
function said(finding: Finding): string[] {
  switch (finding.state) {
    case "missing": {
      const { reason, install } = finding.missing;
      return [`cannot run: ${reason}`, ...(install === null ? [] : [`to install it: ${install}`])];
    }
    case "fails":
      return [`fails: ${finding.reason}`];
    case "runs":
      return [
        finding.found === null ? "runs" : `runs: ${foundText(finding.found)}`,
        ...(finding.note === null ? [] : [finding.note]),
      ];
  }
}

const findingText = (finding: Finding, { columns }: Terminal): string =>
  [finding.about, ...said(finding)]
    .flatMap((line) => wrap(line, columns - width - HEAD.length))
    .map((line, i) => `${HEAD}${(i === 0 ? finding.name : "").padEnd(width)}${line}\n`)
    .join("");

export const doctorCommand: CommandModule<object, Args> = {
  command: "doctor [engine]",
  describe: "which engines this machine can run, how fast, and how to get the others",
  builder: (y) =>
    y
      .positional("engine", { choices: ENGINE_NAMES, describe: "this one alone" })
      .option("measure", {
        type: "boolean",
        default: true,
        describe: "time each engine for a few seconds; --no-measure only looks",
      })
      .option("json", jsonOption)
      .example("$0 doctor", "all of them")
      .example("$0 doctor onnx-webgpu", "exit code 1 when it cannot run here")
      .epilog(
        "Timed are training steps of preset:small, a CLIP of a million parameters, on 64 images of 48 x 48 pixels. The difference is that of a tiny CLIP's gradients, as a share of the largest value of each.",
      ),
  handler: async ({ engine, measure, json }) => {
    const [{ examine }, { machineFacts }] = await Promise.all([
      import("./doctor/examine.ts"),
      import("./run-report.ts"),
    ]);
    const terminal = terminalOf(process.stdout);
    const facts = machineFacts();
    const print = (text: string): void => void (json || process.stdout.write(text));
    print(`${facts.map(({ label, value }) => `${label} ${value}`).join("\n")}\n\n`);
    const found: Examination = await examine(engine ? [engine] : ENGINE_NAMES, measure, (finding) =>
      print(findingText(finding, terminal)),
    );
    print(`\nauto is ${found.auto.name} (${found.auto.why})\n`);
    if (json) process.stdout.write(`${JSON.stringify({ machine: facts, ...found }, null, 2)}\n`);
    if (engine && found.engines.some(({ state }) => state !== "runs"))
      process.exitCode = EXIT.failure;
  },
};
