/** @file Writes the generated pages under docs/; `--check` fails when a committed one is out of date. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { ReportFile } from "../src/eval/report-file.ts";
import { configReference } from "../src/run/config/reference.ts";
import { writeFileAtomic } from "../src/run/files.ts";
import { CompareResult } from "../src/compare/result.ts";
import { StudyDocument } from "../src/study/document.ts";
import { comparePage } from "./compare-page.ts";
import { explorePage } from "./explore-page.ts";
import { gatePage } from "./gate-page.ts";
import { metricsPage } from "./metrics-page.ts";

const root = join(import.meta.dirname, "..");

/** Every generated file by its path in the repository. Add a line to generate another. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  "docs/compare-config.md": comparePage,
  "docs/compare.schema.json": compareSchema,
  "docs/config.md": configReference,
  "docs/explore-config.md": explorePage,
  "docs/gate.md": gatePage,
  "docs/metrics.md": metricsPage,
  "docs/report.schema.json": reportSchema,
  "docs/study.schema.json": studySchema,
};

function compareSchema(): string {
  const schema = z.toJSONSchema(CompareResult, { io: "input" });
  const title =
    "The machine form of an equiclip comparison: methods, tasks and seeds on the same splits";
  return `${JSON.stringify({ title, ...schema }, null, 2)}\n`;
}

function studySchema(): string {
  const schema = z.toJSONSchema(StudyDocument, { io: "input" });
  const title =
    "The machine form of an equiclip study: every run, what mending its flaws changed, and what they come to";
  return `${JSON.stringify({ title, ...schema }, null, 2)}\n`;
}

function reportSchema(): string {
  const schema = z.toJSONSchema(ReportFile, { io: "input" });
  const title =
    "The machine form of an equiclip report: one evaluation, before and after, or a retrieval";
  return `${JSON.stringify({ title, ...schema }, null, 2)}\n`;
}

/** Paths whose committed text is not what would be generated now. */
export const outdated = (): string[] =>
  Object.entries(GENERATED)
    .filter(([path, make]) => {
      const file = join(root, path);
      return !existsSync(file) || readFileSync(file, "utf8") !== make();
    })
    .map(([path]) => path);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = outdated();
  if (process.argv.includes("--check")) {
    if (stale.length > 0) console.error(`out of date: ${stale.join(", ")}; run npm run docs`);
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else
    for (const path of stale) {
      await writeFileAtomic(join(root, path), GENERATED[path]!());
      console.log(`wrote ${path}`);
    }
}
