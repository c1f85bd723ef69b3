import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileNameOf } from "../../../src/explore/drift/file-names.ts";
import { readPictures } from "../../../src/explore/drift/manifest.ts";
import { quadrupletsOf } from "../../../src/explore/drift/templates.ts";
import { writeManifest } from "../../../src/generate/manifest.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictures-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function fill(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, name, file);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, text);
  }
  return join(folder, name);
}
const prompts = quadrupletsOf(
  [
    { activity: "caring for older adults", category: "care of others" },
    { activity: "napping", category: null },
  ],
  "document",
);
const [neutralCare, youngCare, , , neutralNap] = prompts;

test("C000-21: in a folder, the group is that of the prompt, not of words in it", async () => {
  const path = await fill("named", {
    [fileNameOf(neutralCare!.text)]: "",
    [`a/${fileNameOf(youngCare!.text)}`]: "",
    [`b/${fileNameOf(youngCare!.text).replace("png", "JPG")}`]: "",
    [fileNameOf(neutralNap!.text).replace("png", "bmp")]: "",
    "an_ultra_realistic_portrait_photo_of_a_person_swimming.png": "",
    [`settings-1a2b3c4d/${fileNameOf(neutralCare!.text)}`]: "",
    "drawn.jsonl": "",
  });
  const { manifest, prompts: shown, missing, unused } = await readPictures(path, prompts);
  expect(manifest.rows.map(({ id, labels }) => [id.split("/")[0], labels])).toEqual([
    ["a", { group: "young", activity: "caring for older adults", category: "care of others" }],
    [
      fileNameOf(neutralCare!.text),
      { group: "neutral", activity: "caring for older adults", category: "care of others" },
    ],
    ["b", { group: "young", activity: "caring for older adults", category: "care of others" }],
  ]);
  expect(shown.map(({ text }) => text)).toEqual([
    youngCare!.text,
    neutralCare!.text,
    youngCare!.text,
  ]);
  expect(manifest.rejected.map(({ reason }) => reason)).toEqual([
    "expected an image (.jpg, .png, .webp, .tiff, .gif or .avif)",
  ]);
  expect(unused).toEqual([
    "an_ultra_realistic_portrait_photo_of_a_person_swimming.png",
    `settings-1a2b3c4d/${fileNameOf(neutralCare!.text)}`,
  ]);
  expect(missing.map(({ prompt }) => prompt.id)).toEqual([
    "caring for older adults / middle",
    "caring for older adults / older",
    ...["neutral", "young", "middle", "older"].map((group) => `napping / ${group}`),
  ]);
  expect(missing[2]!.reason).toBe(
    "no file an_ultra_realistic_portrait_photo_of_a_person_napping.png",
  );
});

test("C000-03: a table; what is not there is listed, what is wrong is rejected, with its line", async () => {
  const table = [
    "Image,Prompt,Group,Activity,Seed",
    "x.png,Una persona cuidando,Person,Caring for  older adults,123",
    "y.png,,middle-aged,napping,",
    `z.png,${neutralNap!.text},,,7`,
    "gone.png,,older,napping,",
    "q.png,,neutral,swimming,",
    "r.png,a person,,,",
    "a.png,,teen,napping,",
    "x.png,,young,napping,",
    "b.png,,,,",
    `c.png,${neutralNap!.text},young,napping,`,
    "d.png,,young,napping,one",
    ",,young,napping,",
  ].join("\n");
  const path = await fill("table", { "all.csv": table, "x.png": "", "y.png": "", "z.png": "" });
  const {
    manifest,
    prompts: shown,
    missing,
    unused,
  } = await readPictures(join(path, "all.csv"), prompts);
  expect(manifest.rows.map(({ id, labels, numbers }) => [id, labels["group"], numbers])).toEqual([
    ["x.png", "neutral", { seed: 123 }],
    ["y.png", "middle", {}],
    ["z.png", "neutral", { seed: 7 }],
  ]);
  expect(manifest.rows[0]!.path).toBe(join(path, "x.png"));
  expect(shown.map(({ id, text }) => [id, text])[0]).toEqual([
    "caring for older adults / neutral",
    "Una persona cuidando",
  ]);
  expect(unused).toEqual(["q.png", "r.png"]);
  expect(manifest.rejected.map(({ reason }) => reason)).toEqual([
    'all.csv:8: group: expected neutral, young, middle, older, received "teen"',
    'all.csv:9: image: line 2 has "x.png" already',
    "all.csv:10: expected a prompt, or a group and an activity; received neither",
    'all.csv:11: prompt: it is that of "napping / neutral", but group and activity say "young" and "napping"',
    'all.csv:12: seed: expected a whole number, received "one"',
    "all.csv:13: image: expected a path, received none",
  ]);
  expect(missing.find(({ prompt }) => prompt.id === "napping / older")?.reason).toBe(
    "gone.png: no such file",
  );
  expect(missing).toHaveLength(5);
});

test("the table that is written of drawn pictures is read", async () => {
  const path = await fill("drawn", { "1.png": "", "2.png": "" });
  const table = join(path, "pictures.csv");
  const drawn = { origin: "drawn", sha256: "ab", model: "m", reason: null } as const;
  const outcomes = [
    { ...drawn, prompt: neutralCare!.text, file: "1.png", seed: 123 },
    { ...drawn, prompt: youngCare!.text, file: "2.png", seed: null },
  ];
  const byText = new Map(prompts.map((prompt) => [prompt.text, prompt]));
  await writeManifest(table, path, outcomes, (text) => {
    const { group, activity } = byText.get(text)!;
    return { group, activity };
  });
  const { manifest, prompts: shown } = await readPictures(table, prompts);
  expect(shown).toEqual([neutralCare, youngCare]);
  expect(manifest.rows.map(({ id, numbers }) => [id, numbers])).toEqual([
    ["1.png", { seed: 123 }],
    ["2.png", {}],
  ]);
});

test("nothing there: an error, or everything to be drawn", async () => {
  const nowhere = join(folder, "nowhere");
  await mkdir(join(folder, "empty"));
  await expect(readPictures(nowhere, prompts)).rejects.toThrow("check data.images");
  await expect(readPictures(join(folder, "empty"), prompts)).rejects.toThrow("is empty");
  for (const path of [nowhere, `${nowhere}.csv`, join(folder, "empty")])
    expect((await readPictures(path, prompts, true)).missing).toHaveLength(8);
  const bad = await fill("bad", { "a.csv": "image,group\n" });
  await expect(readPictures(join(bad, "a.csv"), prompts)).rejects.toThrow(
    "a.csv:1: expected the columns image, and prompt or group and activity; received image, group",
  );
});
