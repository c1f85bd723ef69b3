/** @file A table of a million rows: what it costs in memory, and a process that ends when the work is done. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("./many-rows.ts", import.meta.url));
const MIB = 2 ** 20;

test("memory does not grow with the batches, and by a few pointers a row", () => {
  const [rows, loaded, files] = [1_000_000, 20_480, 300];
  const args = [program, rows, loaded, files].map(String);
  const told = execFileSync(process.execPath, ["--import", "tsx", ...args], { timeout: 50_000 });
  const { done, bytesPerRow, growth } = JSON.parse(String(told));
  expect(done).toBe(loaded);
  expect(bytesPerRow).toBeLessThan(300); // seen: 110, threads and their modules included
  expect(growth).toBeLessThan(64 * MIB); // seen: 17 MiB
});
