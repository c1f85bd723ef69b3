#!/usr/bin/env node
/** @file The command line: parses, calls, prints, and turns every ending into an exit code. */
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { EXIT, EquiclipError, UsageError } from "../run/errors.ts";
import { VERSION } from "../run/version.ts";
import { cacheCommand } from "./cache.ts";
import { compareCommand } from "./compare.ts";
import { dataCommand } from "./data.ts";
import { doctorCommand } from "./doctor.ts";
import { embedCommand } from "./embed.ts";
import { evalCommand } from "./eval.ts";
import { exploreCommand } from "./explore.ts";
import { exportCommand } from "./export.ts";
import { foldCommand } from "./fold.ts";
import { gateCommand } from "./gate.ts";
import { handleInterrupts } from "./interrupt.ts";
import { metricsCommand } from "./metrics.ts";
import { networkCommand } from "./network.ts";
import { studyCommand } from "./study.ts";
import { sweepCommand } from "./sweep.ts";
import { trainCommand } from "./train.ts";

/** One line for an expected failure, a stack for a bug; the exit code of the process. */
function report(thrown: unknown): number {
  if (thrown instanceof EquiclipError) {
    for (const line of thrown.message.split("\n")) process.stderr.write(`equiclip: ${line}\n`);
    return thrown.exitCode;
  }
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  process.stderr.write(
    `equiclip: this is a bug, please report it with the lines below\n${stack}\n`,
  );
  return EXIT.failure;
}

handleInterrupts();
// a reader that has seen enough, such as head, closes the pipe: no failure of ours
process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
  if (cause.code !== "EPIPE") throw cause;
  process.exit(process.exitCode ?? EXIT.done);
});

try {
  await yargs(hideBin(process.argv))
    .scriptName("equiclip")
    .version(VERSION)
    .usage(
      "$0 <command>\n\ntrain, evaluate and debias CLIP-style classifiers under a fairness constraint.",
    )
    .command(trainCommand)
    .command(evalCommand)
    .command(gateCommand)
    .command(compareCommand)
    .command(sweepCommand)
    .command(studyCommand)
    .command(exploreCommand)
    .command(embedCommand)
    .command(foldCommand)
    .command(exportCommand)
    .command(dataCommand)
    .command(metricsCommand)
    .command(networkCommand)
    .command(cacheCommand)
    .command(doctorCommand)
    .demandCommand(
      1,
      "expected a command: train, eval, gate, compare, sweep, study, explore, embed, fold, export, data, metrics, network, cache or doctor",
    )
    .strict()
    .example("$0 train configs/quickstart.yaml", "the whole job on synthetic faces")
    .example("$0 eval checkpoints/quickstart", "measure what it trained")
    .example("$0 eval --predictions p.csv OPTIONS", "measure any model's predictions")
    .example("$0 gate eval-p --rules gate.yaml", "judge what was measured, for CI")
    .example("$0 compare my.yaml", "debiasing methods side by side, over seeds")
    .example(
      "$0 explore ./pictures --model RUN",
      "an embedding space: maps, clusters, who is where",
    )
    .example("$0 embed ./UTKFace --model RUN --out e.npy", "embeddings, by any model")
    .example("$0 data inspect ./UTKFace", "what is in a folder, and what is wrong with it")
    .epilog(
      "Exit codes: 0 done or pass, 1 failure, 2 usage or config error, 3 fail or no feasible checkpoint,\n4 not enough evidence, 130 interrupted (resumable).",
    )
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .fail((message, error) => {
      // yargs counts "non-option arguments", which says nothing to people, and breaks lines
      const said = message
        ?.replace(/^Not enough non-option.*/, "an argument is missing")
        .replace(/^Invalid values:\s+/, "")
        .replaceAll(/Argument: (.*), Given: (.*), Choices: (.*)/g, "$1: expected $3, received $2")
        .replaceAll(/\n\s*/g, "; ");
      throw error ?? new UsageError(`${said}; see --help`);
    })
    .parseAsync();
} catch (thrown) {
  process.exitCode = report(thrown);
}
