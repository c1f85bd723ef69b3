/**
 * @file What people do all day: activities from a list or a CSV, and back.
 *
 * `configs/activities.csv` names the 216 usable activities of the American Time Use Survey (its codes without "not
 * elsewhere classified", waiting, security procedures and travel) in everyday words, and the examples of study 000,
 * which have no code. Its ten categories, by code: 0101 and 120301 sleep and rest; the rest of 01, and 11, personal care;
 * 02 housework; 03, 04 and 1502 care of others; 05 and 06 work and education; 07 to 10 shopping and services; 1201, 1202,
 * 14, the rest of 15, and 16 social life; 1301 exercise and sport; 120309, 120313, 120401, 120402 and 150401 arts; the
 * rest of 12, 1302 and 181205 leisure and entertainment.
 */
import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { messageOf, UsageError } from "../../run/errors.ts";
import { type Activity, activityText } from "./templates.ts";

/**
 * Reads the columns Activity and, if it is there, Category (in any case) of a CSV or TSV file.
 * @throws {UsageError} when the file cannot be read, has no such column or no activity, or names one twice
 */
export async function readActivities(path: string): Promise<Activity[]> {
  const records = parseTable(path, await readText(path));
  const header = (records[0]?.record ?? []).map((name) => name.toLowerCase());
  const [at, category] = [header.indexOf("activity"), header.indexOf("category")];
  if (at < 0)
    throw new UsageError(
      `${path}:1: expected a column Activity, received ${header.join(", ") || "no header"}; name one in the first line`,
    );
  const named = records.slice(1).map(({ record, line }) => ({
    where: `${path}:${line}`,
    text: record[at] ?? "",
    category: record[category]?.toLowerCase() || null,
  }));
  return distinct(path, named);
}

/** Activities of a list in a config; they have no categories. */
export const activitiesOf = (list: readonly string[]): Activity[] =>
  distinct(
    "data.activities",
    list.map((text, i) => ({ where: `data.activities[${i}]`, text, category: null })),
  );

function distinct(
  source: string,
  named: readonly { where: string; text: string; category: string | null }[],
): Activity[] {
  if (named.length === 0)
    throw new UsageError(`${source}: expected at least one activity, received none`);
  const first = new Map<string, string>();
  return named.map(({ where, text, category }) => {
    const activity = activityText(text);
    const earlier = first.get(activity);
    if (activity === "")
      throw new UsageError(`${where}: expected an activity, received an empty one; remove it`);
    if (earlier !== undefined)
      throw new UsageError(`${where}: "${activity}" is at ${earlier} already; remove one of them`);
    first.set(activity, where);
    return { activity, category };
  });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new UsageError(
      `${path}: cannot be read as a list of activities: ${messageOf(cause)}; check data.activities`,
      { cause },
    );
  }
}

/** Records of a CSV or TSV text (by the name's ending) with their lines, the header first. */
export function parseTable(
  path: string,
  text: string,
): { readonly record: readonly string[]; readonly line: number }[] {
  try {
    const parsed = parse(text, {
      bom: true,
      delimiter: /\.tsv$/i.test(path) ? "\t" : ",",
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return parsed.map(({ record, info }) => ({ record, line: info.lines }));
  } catch (cause) {
    throw new UsageError(`${path}: not a valid CSV file: ${messageOf(cause)}`, { cause });
  }
}

/** Study 000's list: one column, headed Activity. */
export const activitiesCsv = (activities: readonly Activity[]): string =>
  stringify([["Activity"], ...activities.map(({ activity }) => [activity])]);

/**
 * Parts for separate runs: equal ones, and the last takes the rest.
 * @param parts how many; some are empty when there are fewer items
 */
export function chunksOf<T>(items: readonly T[], parts = 4): T[][] {
  const size = Math.floor(items.length / parts);
  return Array.from({ length: parts }, (_, i) =>
    items.slice(i * size, i === parts - 1 ? items.length : (i + 1) * size),
  );
}
