/** @file JSON Lines: one object a line. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { messageOf, UsageError } from "../errors.ts";
import type { Format } from "./batch.ts";

const LONGEST = 1 << 24; // characters of a line; a longer one is no table

/** Blank lines are skipped. A column is one that is in the first MiB of the file; where a line lacks it, it is missing. */
export const jsonLines: Format = async function* (path, select) {
  const { size } = await stat(path);
  let wanted: readonly string[] | null = null;
  let line = 0;
  for await (const { texts, bytes } of lineBatches(path)) {
    const records: object[] = [];
    const lines: number[] = [];
    for (const text of texts) {
      line++;
      if (text.trim() === "") continue;
      records.push(recordOf(text, `${path}:${line}`));
      lines.push(line);
    }
    if (records.length === 0) continue;
    wanted ??= select([...new Set(records.flatMap(Object.keys))]);
    yield {
      rows: records.length,
      columns: wanted.map((name) => records.map((record) => valueOf(record, name))),
      lines,
      done: bytes / size,
    };
  }
};

async function* lineBatches(
  path: string,
): AsyncGenerator<{ readonly texts: readonly string[]; readonly bytes: number }> {
  const source = createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 });
  let rest: string | null = null;
  let lines = 0;
  for await (const chunk of source as AsyncIterable<string>) {
    // a byte order mark is not part of the first line
    const text: string = rest === null ? chunk.replace(/^\uFEFF/, "") : rest + chunk;
    const texts: string[] = text.split("\n");
    rest = texts.pop() ?? "";
    lines += texts.length;
    if (rest.length > LONGEST)
      throw new UsageError(
        `${path}:${lines + 1}: expected one JSON object a line, received a line of more than ${LONGEST} characters`,
      );
    yield { texts, bytes: source.bytesRead };
  }
  if (rest !== null) yield { texts: [rest], bytes: source.bytesRead };
}

function recordOf(text: string, place: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const hint = /\b(NaN|-?Infinity)\b/.test(text) ? "; JSON has no NaN, write null" : "";
    throw new UsageError(
      `${place}: expected one JSON object a line: ${messageOf(cause).replaceAll("\n", " ")}${hint}`,
      { cause },
    );
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(
    `${place}: expected one JSON object a line, received ${text.trim().slice(0, 40)}`,
  );
}

const valueOf = (record: object, name: string): unknown =>
  Object.hasOwn(record, name) ? (record as Record<string, unknown>)[name] : null;
