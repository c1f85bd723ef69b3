/** @file Which groups lie nearer to which texts: a CLIP that was taught an association shows it first. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { ExploreResult } from "../../../src/explore/result.ts";
import { random } from "../../../src/run/random.ts";
import { toSharp } from "../../data/images.ts";
import { equiclip, temporaryFolder, writeConfig } from "../equiclip.ts";

const temporary = temporaryFolder();
const run = (...args: readonly string[]) => equiclip(args, { cwd: temporary });
const LIMIT = 120_000;

/** Noise of 16 pixels, named as UTKFace names its files: reddish for men, bluish for women, whatever their age. */
async function drawPeople(folder: string, count: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const draw = random("people");
  for (let i = 0; i < count; i++) {
    const gender = i % 2;
    const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) =>
      draw.int(at % 3 === 2 * gender ? 256 : 100),
    );
    const name = `${1 + draw.int(80)}_${gender}_${draw.int(5)}_${20170101000000 + i}.jpg`;
    await toSharp({ width: 16, height: 16, data }).toFile(join(folder, name));
  }
}

const explored = (more: object = {}) => ({
  name: "linked",
  data: { source: "utkface", path: "faces", ageBands: [0, 40] },
  groups: ["gender", "age_band"],
  encoders: [{ kind: "clip", model: join("checkpoints", "taught", "best") }],
  maps: [{ kind: "pca" }],
  clusters: [{ kind: "kmeans", k: 2 }],
  audit: {
    associations: { templates: ["a person with {text}"], within: "age_band" },
    controls: false,
  },
  sheets: null,
  thumbnails: false,
  ...more,
});

const associations = (folder: string) => {
  const text = readFileSync(join(temporary, folder, "result.json"), "utf8");
  return (JSON.parse(text) as ExploreResult).spaces[0]!.associations!;
};

beforeAll(async () => {
  await drawPeople(join(temporary, "faces"), 160);
  writeConfig(join(temporary, "taught.yaml"), {
    name: "taught",
    threads: 1,
    data: {
      source: "utkface",
      path: "faces",
      target: "gender",
      positive: "female",
      sensitive: ["race"],
    },
    model: { from: "preset:tiny" },
    // what it is taught: men have beards, women makeup
    prompts: { male: "a person with a beard", female: "a person with makeup" },
    train: { epochs: 4, batchSize: 16, lr: 0.002 },
    evaluate: { bootstrap: 50 },
  });
  const { code, stderr } = await run("train", "taught.yaml", "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}, LIMIT);

test(
  "what was taught ranks first, with its interval, and is told",
  async () => {
    writeConfig(join(temporary, "a.yaml"), explored());
    const { code, stderr, stdout } = await run("explore", "a.yaml");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { found, neutral } = associations("explore-linked");
    expect(neutral).toBe("a photo of a person");
    const overall = found.filter(({ within }) => within === null);
    expect(overall).toHaveLength(6 * 2); // texts x (gender, age_band of two)
    expect(overall[0]).toMatchObject({ text: "a beard", attribute: "gender" });
    const beard = overall.find(
      ({ text, attribute }) => text === "a beard" && attribute === "gender",
    )!;
    const isOfMen = beard.group === "male";
    expect(Math.sign(beard.gap.value!)).toBe(isOfMen ? 1 : -1);
    expect(beard.pHolm).toBeLessThan(0.001);
    expect(found.filter(({ within }) => within !== null)).toHaveLength(6 * 2); // gender in two bands
    expect(stdout).toContain("Who lies nearer to which text");
    expect(stdout).toMatch(/what it says of other\s+words means nothing/);
    expect(stdout).toMatch(
      /Images of \w+ \(gender\) lie (nearer to|further from) “(a beard|makeup)”/,
    );
    const page = readFileSync(join(temporary, "explore-linked", "report.md"), "utf8");
    expect(page).toContain("Gaps of mean cosines by gender");
    expect(page).toContain("Gaps of mean cosines by gender within age_band");
  },
  LIMIT,
);

test(
  "without a neutral text both that were taught come first, as they are",
  async () => {
    const plain = ["--set", "audit.associations.neutral=null", "--out", "plain"];
    expect((await run("explore", "a.yaml", ...plain)).code).toBe(0);
    const { found, neutral } = associations("plain");
    expect(neutral).toBeNull();
    const overall = found.filter(({ within }) => within === null);
    expect(
      overall
        .slice(0, 2)
        .map(({ text, attribute }) => [text, attribute])
        .toSorted(),
    ).toEqual([
      ["a beard", "gender"],
      ["makeup", "gender"],
    ]);
    expect(overall[0]!.gap.value! * overall[1]!.gap.value!).toBeLessThan(0); // of the one and of the other
  },
  LIMIT,
);

test(
  "an encoder without a text side says so; an attribute that is not there is refused",
  async () => {
    writeConfig(
      join(temporary, "b.yaml"),
      explored({ name: "pixels", encoders: [{ kind: "pixels", size: 4 }] }),
    );
    const pixels = await run("explore", "b.yaml");
    expect({ code: pixels.code, stderr: pixels.stderr }).toEqual({ code: 0, stderr: "" });
    expect(pixels.stdout).toContain("has no text side");
    const none = await run("explore", "a.yaml", "--set", "audit.associations.within=height");
    expect(none).toMatchObject({ code: 2, stdout: "" });
    expect(none.stderr).toContain(
      "audit.associations.within: expected one of gender, age_band, received height",
    );
  },
  LIMIT,
);
