/** @file Measures who is found first in a table of similarities. */
import { basename, extname } from "node:path";
import { readSimilarities } from "../../eval/retrieval/read.ts";
import { retrieve } from "../../eval/retrieval/retrieve.ts";
import type { RetrievalRun } from "../../report/retrieval/model.ts";
import { retrievalMarkdown } from "../../report/retrieval/markdown.ts";
import { retrievalText } from "../../report/retrieval/text.ts";
import { terminalOf } from "../../report/terminal/terminal.ts";
import { UsageError } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { runFolder } from "../../run/folder.ts";
import { terminalProgress } from "../../run/progress.ts";
import { commandLine, machineFacts, timeOf } from "../run-report.ts";
import {
  COUNT,
  groupsOf,
  list,
  number,
  type Output,
  readingOf,
  type SimilarityArgs,
  type TableArgs,
  uncertaintyOf,
} from "./table-options.ts";

/** Reads the table, writes a report and prints it. Throws UsageError for what cannot be read or asked. */
export async function evalRetrieval(
  args: TableArgs & SimilarityArgs & { similarities: string },
  { out, json }: Output,
): Promise<void> {
  const started = new Date();
  const { similarities: file, id } = args;
  const queries = listed("queries", args.queries, "name the columns of similarities");
  const ks = listed("k", args.k, "say how many of the first rows to look at");
  const { attributes, columns } = groupsOf(args.groups);
  const progress = terminalProgress();
  const { similarities, source } = await readSimilarities(
    file,
    { queries, groups: columns, id },
    readingOf(args),
    progress,
  );
  progress.start("rankings", queries.length * attributes.length);
  const measured = retrieve(similarities, {
    ks: ks.map((k) => number("k", k, COUNT)),
    attributes,
    ...uncertaintyOf(args),
    onProgress: (done) => progress.update(done),
  });
  progress.stop();
  const report: RetrievalRun = {
    title: args.title ?? basename(file),
    run: {
      summary: [
        { label: "table", value: `${file}, ${source.rows} rows` },
        { label: "queries", value: queries.join(", ") },
        { label: "groups", value: attributes.join(", ") },
      ],
      ...timeOf(started),
      imagesPerSecond: null,
      versions: machineFacts(),
      command: commandLine(),
      config: null,
    },
    result: { ...measured, source },
  };
  const target = runFolder(out ?? `eval-${basename(file, extname(file))}`);
  const { retrievalHtml } = await import("../../report/retrieval/page.ts");
  await writeFileAtomic(target.reportJson, `${JSON.stringify(report.result, null, 2)}\n`);
  await writeFileAtomic(target.reportHtml, retrievalHtml(report));
  await writeFileAtomic(target.reportMarkdown, retrievalMarkdown(report));
  process.stdout.write(
    json
      ? `${JSON.stringify(report.result)}\n`
      : `${retrievalText(report, terminalOf(process.stdout))}\n\nreport: ${target.reportHtml}\n`,
  );
}

/** Values of an option that takes several, each once. */
function listed(option: string, values: readonly string[] | undefined, wish: string): string[] {
  const all = [...new Set((values ?? []).flatMap((value) => list(option, value)))];
  if (all.length === 0) throw new UsageError(`${wish} with --${option}`);
  return all;
}
