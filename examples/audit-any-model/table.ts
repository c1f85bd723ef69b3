/**
 * @file Predictions beside UTKFace's labels, as a CSV: `npx tsx table.ts FACES PREDICTIONS.csv [OUT.csv]`.
 *
 * Labels come from the names of the files in FACES, and pictures that occur more than once get one `cluster`. PREDICTIONS
 * has a column `file`, relative to FACES, and whatever a model says of it; all its columns are kept.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import {
  auditManifest,
  EquiclipError,
  readUtkface,
  UsageError,
  withClusters,
} from "../../src/index.ts";

const USAGE = "usage: npx tsx table.ts FACES PREDICTIONS.csv [OUT.csv]";
/** Columns that come from the files' names. */
const OURS = new Set(["cluster", "gender", "race", "age_band", "age"]);
const MOST_NAMED = 5;

/** What a model said, by file. */
async function readByFile(path: string): Promise<Map<string, Record<string, string>>> {
  let records: Record<string, string>[];
  try {
    records = parse(await readFile(path), { bom: true, columns: true });
  } catch (cause) {
    throw new UsageError(`cannot read ${path}: ${(cause as Error).message}`);
  }
  const byFile = new Map<string, Record<string, string>>();
  for (const record of records) {
    const { file, ...said } = record;
    const columns = Object.keys(record);
    if (file === undefined)
      throw new UsageError(`${path}: expected a column "file", received ${columns.join(", ")}`);
    const taken = columns.find((name) => OURS.has(name));
    if (taken !== undefined)
      throw new UsageError(`${path}: column "${taken}" is what the labels are called; rename it`);
    if (byFile.has(file)) throw new UsageError(`${path}: two rows for ${file}; keep one`);
    byFile.set(file, said);
  }
  return byFile;
}

const say = (line: string): void => console.error(line);

/** One line for what has no row in the table. */
function sayLeftOut(names: readonly string[], what: string): void {
  const more = names.length > MOST_NAMED ? ", ..." : "";
  if (names.length > 0)
    say(`Left out ${names.length} ${what}: ${names.slice(0, MOST_NAMED).join(", ")}${more}`);
}

async function main(args: readonly string[]): Promise<void> {
  const [faces, predictions, out = "table.csv"] = args;
  if (faces === undefined || predictions === undefined || args.length > 3)
    throw new UsageError(USAGE);
  const said = await readByFile(predictions);
  const manifest = await readUtkface(faces);
  const known = manifest.rows.filter(({ id }) => said.has(id));
  const unknown = manifest.rows.filter(({ id }) => !said.has(id));
  if (known.length === 0)
    throw new UsageError(
      `${predictions}: no row names a face of ${faces}, such as ${unknown[0]!.id}; received ${[...said.keys()][0] ?? "no rows"}`,
    );

  say(`Looking for pictures that occur more than once among ${known.length}.`);
  const matched = { ...manifest, rows: known };
  const audit = await auditManifest(matched);
  const table = withClusters(matched, audit).rows.map(({ id, cluster, labels, numbers }) => ({
    file: id,
    cluster: cluster ?? id,
    ...labels,
    ...numbers,
    ...said.get(id)!,
  }));
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, stringify(table, { header: true }));

  const different = new Set(table.map((row) => row.cluster)).size;
  say(`${out}: ${table.length} faces, ${different} different pictures.`);
  const faceIds = new Set(manifest.rows.map(({ id }) => id));
  const idsOf = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);
  sayLeftOut(idsOf(manifest.rejected), "files without labels in their name");
  sayLeftOut(idsOf(unknown), "faces without a prediction");
  sayLeftOut(
    [...said.keys()].filter((file) => !faceIds.has(file)),
    "predictions without a face",
  );
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof EquiclipError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
});
