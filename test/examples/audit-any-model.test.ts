/** @file The example that audits somebody else's network: its two programs, as its users run them. */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../cli/equiclip.ts";
import { drawUtkface } from "../cli/faces.ts";
import { faceapi, hasFaceapi, hasUtkface, utkface } from "../golden.ts";

const example = join(import.meta.dirname, "..", "..", "examples", "audit-any-model");
const work = temporaryFolder();
const faces = join(work, "faces");
let names: string[];
beforeAll(async () => {
  names = (await drawUtkface(faces, 12)).sort();
});

interface Ended {
  readonly code: number;
  readonly stderr: string;
}
const run = (program: string, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const loader = program.endsWith(".ts") ? ["--import", import.meta.resolve("tsx")] : [];
    const whole = [...loader, join(example, program), ...args];
    execFile(process.execPath, whole, { cwd: work }, (error, _stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stderr }),
    );
  });
const rowsOf = (file: string): Record<string, string>[] =>
  parse(readFileSync(join(work, file)), { columns: true });
const write = (file: string, lines: readonly string[]): void =>
  writeFileSync(join(work, file), `${lines.join("\n")}\n`);

describe("table.ts", () => {
  test("puts what a model said beside the labels, and names what it leaves out", async () => {
    const copy = names[0]!.replace("_2017", "_2018");
    copyFileSync(join(faces, names[0]!), join(faces, copy));
    writeFileSync(join(faces, "39_1_20170116174525125.jpg"), "");
    const said = [...names.slice(0, -1), copy];
    write("said.csv", [
      "file,guess,p",
      ...said.map((name, i) => `${name},male,0.${i}`),
      "x,male,1",
    ]);
    const { code, stderr } = await run("table.ts", faces, "said.csv", "joined.csv");
    expect(code).toBe(0);
    expect(stderr).toContain("joined.csv: 12 faces, 11 different pictures.");
    expect(stderr).toContain("Left out 1 files without labels in their name: 39_1_2017");
    expect(stderr).toContain(`Left out 1 faces without a prediction: ${names.at(-1)}`);
    expect(stderr).toContain("Left out 1 predictions without a face: x");
    const byFile = new Map(rowsOf("joined.csv").map((row) => [row["file"]!, row]));
    expect([...byFile.keys()].sort()).toEqual([...said].sort());
    expect(byFile.get(copy)!["cluster"]).toBe(byFile.get(names[0]!)!["cluster"]);
    const [age, gender] = names[3]!.split("_").map(Number);
    expect(byFile.get(names[3]!)).toMatchObject({
      age: `${age}`,
      gender: ["male", "female"][gender!],
      guess: "male",
      p: "0.3",
    });
  });

  test.each([
    [["file,p", "y.jpg,1"], "no row names a face of"],
    [["name,p", "y.jpg,1"], 'expected a column "file", received name, p'],
    [["file,p", "y.jpg,1", "y.jpg,2"], "two rows for y.jpg"],
    [["file,race", "y.jpg,white"], 'column "race" is what the labels are called'],
    [["file,p", "y.jpg"], "cannot read wrong.csv: Invalid Record Length"],
  ])("%j is refused in one line", async (lines, message) => {
    write("wrong.csv", lines);
    const { code, stderr } = await run("table.ts", faces, "wrong.csv");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

const installed = existsSync(join(example, "node_modules", "@vladmandic", "face-api"));
// a network of 350 MB with what runs it: `npm install` in the example's folder
describe.skipIf(!installed)("predict.mjs", () => {
  test("reads a folder, goes on where it stopped, and names what it cannot read", async () => {
    writeFileSync(
      join(faces, "damaged.jpg"),
      readFileSync(join(faces, names[0]!)).subarray(0, 600),
    );
    const whole = await run("predict.mjs", faces, "network.csv");
    expect(whole.code).toBe(0);
    expect(whole.stderr).toMatch(/Left out damaged\.jpg: .+/);
    const rows = rowsOf("network.csv");
    expect(rows.map((row) => row["file"])).toEqual(expect.arrayContaining(names));
    for (const { gender_pred, male_probability } of rows)
      expect(gender_pred).toBe(Number(male_probability) > 0.5 ? "male" : "female");

    const complete = readFileSync(join(work, "network.csv"), "utf8");
    truncateSync(join(work, "network.csv"), complete.length - 60); // in the middle of a row
    const rest = await run("predict.mjs", faces, "network.csv");
    expect(rest.stderr).toContain("going on");
    expect(readFileSync(join(work, "network.csv"), "utf8")).toBe(complete);
  });

  test("a file that is not its own is refused and stays as it is", async () => {
    write("mine.csv", ["a,b", "1,2"]);
    writeFileSync(join(work, "mine.csv"), "a,b\n1,2\n3,");
    const { code, stderr } = await run("predict.mjs", faces, "mine.csv");
    expect(code).toBe(2);
    expect(stderr).toContain("received a, b; give another file to write");
    expect(readFileSync(join(work, "mine.csv"), "utf8")).toBe("a,b\n1,2\n3,");
  });

  test.skipIf(!hasFaceapi || !hasUtkface)("says of real faces what it said before", async () => {
    const before = parse(readFileSync(faceapi("predictions.csv")), {
      columns: true,
    }) as Record<string, string>[];
    const some = before.filter((_, i) => i % 800 === 0);
    const folder = join(work, "real");
    mkdirSync(folder);
    for (const { file } of some) copyFileSync(utkface("images", file!), join(folder, file!));
    expect((await run("predict.mjs", folder, "real.csv")).code).toBe(0);
    const now = new Map(rowsOf("real.csv").map((row) => [row["file"]!, row]));
    expect(now.size).toBe(some.length);
    for (const { file, gender_pred, male_probability, age_pred } of some) {
      const row = now.get(file!)!;
      expect(row["gender_pred"]).toBe(gender_pred);
      expect(Math.abs(Number(row["male_probability"]) - Number(male_probability))).toBeLessThan(
        1e-4,
      );
      expect(Math.abs(Number(row["age_pred"]) - Number(age_pred))).toBeLessThan(0.02);
    }
  });
});
