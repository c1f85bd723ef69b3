/** @file Reads reports, and the rows they name, back from disk. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { PREDICTION_COLUMNS, readPredictions } from "../eval/predictions-csv.ts";
import type { Predictions } from "../eval/predictions.ts";
import type { Report } from "../eval/report.ts";
import { ReportFile } from "../eval/report-file.ts";
import { messageOf, UsageError } from "../run/errors.ts";
import { checked, ProblemsError } from "../run/yaml/problems.ts";

/** The file that is meant: a folder means the report in it. */
const fileOf = (path: string): string =>
  existsSync(path) && statSync(path).isDirectory() ? join(path, "report.json") : path;

const KINDS = ReportFile.options.map((kind) => kind.shape.schema.value);

/** Throws UsageError for a file that is not there, or no report. */
export async function readReport(path: string): Promise<ReportFile> {
  const file = fileOf(path);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(
      `cannot read report ${file}: ${messageOf(cause)}; give a report.json as equiclip eval writes it, or its folder`,
    );
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(
      `${file}: expected a report as JSON: ${messageOf(cause).replace(/\s+/g, " ")}`,
    );
  }
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (!KINDS.some((kind) => kind === schema))
    throw new UsageError(
      `${file}: expected a report, with schema ${KINDS.join(" or ")}, received ${JSON.stringify(schema) ?? "none"}`,
    );
  try {
    return checked(ReportFile, value);
  } catch (thrown) {
    if (!(thrown instanceof ProblemsError)) throw thrown;
    const [first, ...others] = thrown.message.split("\n");
    const more = others.length > 0 ? ` (and ${others.length} more)` : "";
    throw new UsageError(`${file}: ${first}${more}; measure again with this version`);
  }
}

/**
 * The predictions that a report was made of; null when it names none, or they are not beside it.
 * @param path of the report or its folder
 * @throws UsageError when the file is not the one that the report was made of
 */
export async function readRows(
  path: string,
  { rowsFile, classes }: Report,
): Promise<Predictions | null> {
  if (!rowsFile) return null;
  const file = join(dirname(fileOf(path)), basename(rowsFile.file));
  if (!existsSync(file)) return null;
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const sha256 = hash.digest("hex");
  if (sha256 !== rowsFile.sha256)
    throw new UsageError(
      `${file} is not what the report beside it was made of: expected sha256 ${rowsFile.sha256}, received ${sha256}; measure again, or take it away to compare without rows`,
    );
  return readPredictions(file, PREDICTION_COLUMNS, classes);
}
