/** @file Tables of any number of rows, whose counts are known without reading them. */
import { closeSync, openSync, writeSync } from "node:fs";

/** Row i: truth and prediction repeat with 2 and 3, groups with 7, ages with 100; the score tells the row's half. */
export function writeManyRows(path: string, rows: number): void {
  const handle = openSync(path, "w");
  writeSync(handle, "y,p,score,weight,age,group,unused\n");
  const CHUNK = 50_000;
  for (let start = 0; start < rows; start += CHUNK) {
    let text = "";
    for (let i = start; i < Math.min(rows, start + CHUNK); i++)
      text += `${i % 2}.0,${i % 3 === 0 ? "False" : "True"},${i < rows / 2 ? 0.25 : 0.75},${1 + (i % 2)},${i % 100},"Gruppe ${i % 7}, „${i % 7}“",${i}\n`;
    writeSync(handle, text);
  }
  closeSync(handle);
}

export const COLUMNS = {
  truth: "y",
  predicted: "p",
  score: "score",
  weight: "weight",
  groups: ["group", "age"],
} as const;
export const OPTIONS = { bins: { age: [0, 18, 60] } } as const;

/** How many of the first `n` whole numbers have this remainder. */
export const having = (n: number, divisor: number, remainder: number): number =>
  Math.floor((n - remainder + divisor - 1) / divisor);
