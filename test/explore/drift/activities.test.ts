import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  activitiesCsv,
  activitiesOf,
  chunksOf,
  readActivities,
} from "../../../src/explore/drift/activities.ts";
import { fileNameOf, promptOfFileName } from "../../../src/explore/drift/file-names.ts";
import { quadrupletsOf } from "../../../src/explore/drift/templates.ts";

const shipped = join(import.meta.dirname, "../../../configs/activities.csv");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "activities-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(text: string, name = "a.csv"): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

test("a header in any case, quotes, a byte order mark, other columns", async () => {
  const path = await file(
    '\uFEFFcode,ACTIVITY,category\r\n7,"Eating, Drinking",Arts\r\n\r\n8,Napping,\r\n',
  );
  expect(await readActivities(path)).toEqual([
    { activity: "eating, drinking", category: "arts" },
    { activity: "napping", category: null },
  ]);
  expect(await readActivities(await file("activity\tx\nwaking up\t1\n", "a.tsv"))).toEqual([
    { activity: "waking up", category: null },
  ]);
});

test("errors name the file and the line", async () => {
  const csv = (text: string) => file(text).then(readActivities);
  await expect(csv("name\nx\n")).rejects.toThrow(
    /a\.csv:1: expected a column Activity, received name/,
  );
  await expect(csv("Activity\nNapping\nnapping \n")).rejects.toThrow(
    /a\.csv:3: "napping" is at .*a\.csv:2 already/,
  );
  await expect(csv("Activity\n")).rejects.toThrow("expected at least one activity");
  await expect(csv("Activity,Category\n,arts\n")).rejects.toThrow(/a\.csv:2: expected an activity/);
  await expect(csv('Activity\n"x\n')).rejects.toThrow("not a valid CSV file");
  await expect(csv("")).rejects.toThrow("received no header");
  await expect(readActivities(join(folder, "none.csv"))).rejects.toThrow("check data.activities");
  expect(() => activitiesOf(["a", "A"])).toThrow(
    'data.activities[1]: "a" is at data.activities[0]',
  );
});

test("written as one column, and read again", async () => {
  const activities = activitiesOf(["Sleeping", 'saying "hi", twice']);
  const text = activitiesCsv(activities);
  expect(text).toBe('Activity\nsleeping\n"saying ""hi"", twice"\n');
  expect(await readActivities(await file(text))).toEqual(activities);
});

test("chunks are equal, the last takes the rest", () => {
  expect(chunksOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8, 9, 10, 11],
  ]);
  expect(chunksOf([1, 2])).toEqual([[], [], [], [1, 2]]);
});

test("the shipped list: every usable ATUS code once, the study's examples, ten categories", async () => {
  const activities = await readActivities(shipped);
  const codes = (await readFile(shipped, "utf8"))
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").pop());
  expect(activities).toHaveLength(222);
  expect(new Set(codes.filter(Boolean)).size).toBe(216);
  expect(new Set(activities.map(({ category }) => category)).size).toBe(10);
  expect(activities.map(({ activity }) => activity)).toEqual(
    expect.arrayContaining(
      "sleeping,napping,falling sleep,waking up,relaxing,being sick in bed,in a medical bed".split(
        ",",
      ),
    ),
  );
  for (const { text } of quadrupletsOf(activities, "document")) {
    expect(fileNameOf(text)).not.toContain("%");
    expect(promptOfFileName(fileNameOf(text))).toBe(text.toLowerCase());
  }
});
