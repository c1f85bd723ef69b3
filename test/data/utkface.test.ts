import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireAccepted } from "../../src/data/accept.ts";
import { bands } from "../../src/run/bands.ts";
import { parseUtkfaceName, readUtkface } from "../../src/data/utkface.ts";
import { EXIT } from "../../src/run/errors.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "utkface-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A folder with empty files of these names. */
async function files(name: string, ...paths: readonly string[]): Promise<string> {
  const root = join(folder, name);
  for (const path of paths) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), "");
  }
  return root;
}

describe("names", () => {
  test("age, gender and race come from their codes", () => {
    const face = { age: 100, gender: "male", race: "white", copied: 0 };
    expect(parseUtkfaceName("100_0_0_20170112213500903.jpg.chip.jpg")).toEqual(face);
    expect(parseUtkfaceName("100_0_0_20170112213500903.jpg")).toEqual(face);
    expect(parseUtkfaceName("1_1_4_20161219200338012.JPG")).toEqual({
      age: 1,
      gender: "female",
      race: "other",
      copied: 0,
    });
  });

  test("names of augmented copies, and of copies of those, parse and lead to their original", async () => {
    const source = "9_1_4_20170103213057382.jpg.chip.jpg";
    const names = [`${source}3582.jpg`, `${source}1.jpg1.jpg`, source, "9_1_4_2.jpg7.jpg"];
    for (const name of names)
      expect(parseUtkfaceName(name)).toMatchObject({ age: 9, gender: "female", race: "other" });
    const { rows } = await readUtkface(await files("copies", ...names.map((name) => `a/${name}`)));
    expect(new Map(rows.map(({ id, origin }) => [id, origin]))).toEqual(
      new Map([
        [`a/${names[0]}`, `a/${source}`],
        [`a/${names[1]}`, `a/${source}`],
        [`a/${source}`, null],
        ["a/9_1_4_2.jpg7.jpg", "a/9_1_4_2.jpg"],
      ]),
    );
  });

  test.each([
    ["39_1_20170116174525125.jpg.chip.jpg", "expected 4 parts age_gender_race_date, received 3"],
    ["61_1_20170109142408075.jpg.chip.jpg", "expected 4 parts age_gender_race_date, received 3"],
    ["61_1_20170109150557335.jpg.chip.jpg", "expected 4 parts age_gender_race_date, received 3"],
    ["25_2_1_2017.jpg", 'gender: expected 0 (male) or 1 (female), received "2"'],
    ["25_1_7_2017.jpg", 'received "7"'],
    ["-5_1_1_2017.jpg", 'age: expected whole years, received "-5"'],
    ["25_1_1_2017(1).jpg", 'date: expected digits, received "2017(1)"'],
    ["25_1_1_2017.jpg.chip.jpg(1).jpg", "date: expected digits"],
    ["25_1_1_2017.png", "expected a name that ends in .jpg or .jpg.chip.jpg"],
  ])("%s is rejected, never guessed", (name, reason) => {
    expect(parseUtkfaceName(name)).toContain(reason);
  });
});

describe("folder", () => {
  test("reads parts and an images folder, with labels, band and reasons", async () => {
    const parts = await files(
      "parts",
      "part1/7_1_2_1.jpg",
      "part2/60_0_3_2.jpg.chip.jpg",
      "part2/x.jpg",
    );
    const manifest = await readUtkface(parts);
    expect(manifest.rows.map(({ id, labels, numbers }) => ({ id, ...labels, ...numbers }))).toEqual(
      [
        { id: "part1/7_1_2_1.jpg", gender: "female", race: "asian", age_band: "0-17", age: 7 },
        {
          id: "part2/60_0_3_2.jpg.chip.jpg",
          gender: "male",
          race: "indian",
          age_band: "60+",
          age: 60,
        },
      ],
    );
    expect(manifest.rows[0]!.path).toBe(join(parts, "part1", "7_1_2_1.jpg"));
    expect(manifest.rejected).toEqual([
      { id: "part2/x.jpg", reason: "expected 4 parts age_gender_race_date, received 1" },
    ]);
    const images = await files("with-images", "images/7_1_2_1.jpg", "notes.csv");
    expect(await readUtkface(images)).toMatchObject({
      rows: [{ id: "7_1_2_1.jpg" }],
      rejected: [],
    });
  });

  test("age bands are configurable and checked", async () => {
    const root = await files("bands", "7_1_2_1.jpg", "20_1_2_1.jpg");
    const { rows } = await readUtkface(root, { ageBands: [0, 8, 20, 21] });
    expect(rows.map(({ labels }) => labels["age_band"])).toEqual(["20", "0-7"]);
    const later = await readUtkface(root, { ageBands: [18] });
    expect(later.rejected).toEqual([{ id: "7_1_2_1.jpg", reason: "age 7 is below every band" }]);
    expect(() => bands([0, 40, 20])).toThrow("expected ascending numbers");
    expect(() => bands([])).toThrow("received none");
  });

  test("a missing folder, an empty one, a file and a folder without usable names are usage errors", async () => {
    const root = await files("bad", "a.jpg", "b.jpg");
    const empty = join(folder, "empty");
    await mkdir(empty);
    const errors = [
      [join(folder, "none"), "no such folder"],
      [empty, "the folder is empty"],
      [join(root, "a.jpg"), "expected a folder of images, received a file"],
      [root, "no usable row among 2 items, expected UTKFace names"],
    ] as const;
    for (const [path, message] of errors) {
      const error = await readUtkface(path).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ exitCode: EXIT.usage });
      expect(String(error)).toContain(message);
      expect(String(error)).toContain(path);
    }
  });
});

test("more bad items than allowed end the run, and the message counts and names them", async () => {
  const manifest = await readUtkface(
    await files("some", "7_1_2_1.jpg", "8_1_2_1.jpg", "9_1_2_1.jpg", "9_1_2.jpg"),
  );
  expect(requireAccepted(manifest, 0.25)).toBe(manifest);
  expect(() => requireAccepted(manifest, 0)).toThrow(
    /1 of 4 items cannot be used, expected at most 0 [^]*9_1_2\.jpg: expected 4 parts/,
  );
  expect(() => requireAccepted(manifest, 0.25, [{ id: "8_1_2_1.jpg", reason: "empty" }])).toThrow(
    "2 of 4 items",
  );
});
