/** @file How often chance alone lists a slice: the table of docs/slices.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHANCE, plainly, shareFound } from "./slice-tables.ts";

const TABLES = 2000;
const docs = readFileSync(join(import.meta.dirname, "../../docs/slices.md"), "utf8");
const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

test.each(Object.entries(CHANCE))("%s", (kind, make) => {
  const [told, plain] = [shareFound(make, TABLES), shareFound(plainly(make), TABLES)];
  expect(docs).toMatch(
    new RegExp(`\\| ${kind} +\\| +${percent(told)} +\\| +${percent(plain)} +\\|`),
  );
  expect(told).toBeLessThanOrEqual(0.05);
});
