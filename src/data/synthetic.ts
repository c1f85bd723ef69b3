/** @file Drawn faces with a planted bias: `manifest.csv`, `truth.json` and `images/` in one folder. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UsageError } from "../run/errors.ts";
import { recoverDirectory, replaceDirectory } from "../run/files.ts";
import { writeCsv } from "./csv.ts";
import type { Manifest, Row } from "./row.ts";
import {
  CUES,
  drawPeople,
  type Parameters,
  type Person,
  type SyntheticOptions,
} from "./synthetic/person.ts";
import { drawFaces, imageName } from "./synthetic/render.ts";
import { recallGap, toneTruths } from "./synthetic/truth.ts";

/** Changes whenever equal parameters no longer give equal images, so that old folders are drawn again. */
const VERSION = "equiclip.synthetic/2";

/** The smallest and largest values that can be drawn. */
const RANGES: Readonly<Record<Exclude<keyof Parameters, "seed">, readonly [number, number]>> = {
  count: [1, 1_000_000],
  size: [16, 1024],
  bias: [-1, 1],
  faint: [0, 0.9],
  validation: [0, 1],
  test: [0, 1],
};

/**
 * Draws faces into `folder`, or reuses it when it already holds the faces of these parameters.
 * Rows have the labels `style` (angular, rounded), `tone` (amber, cobalt, jade, violet) and `age_band`, the number
 * `age`, and a split; the bias is planted in train alone. Equal parameters give equal bytes.
 * A run that is stopped leaves the old folder or none.
 *
 * @throws {UsageError} on a parameter out of range, or when `folder` holds anything but drawn faces
 */
export async function makeSyntheticFaces(
  folder: string,
  options: SyntheticOptions,
): Promise<Manifest> {
  const parameters = complete(options);
  const root = resolve(folder);
  const people = drawPeople(parameters);
  const rows = people.map((person) => toRow(root, person));
  await recoverDirectory(root);
  if (!(await holds(root, parameters)))
    await replaceDirectory(root, async (next) => {
      const images = join(next, "images");
      await mkdir(images);
      await drawFaces(images, people, parameters);
      await writeCsv(
        join(next, "manifest.csv"),
        people.map((person) => toRow(next, person)),
      );
      await writeFile(join(next, "truth.json"), truth(parameters));
    });
  return { source: root, rows, rejected: [] };
}

function complete(options: SyntheticOptions): Parameters {
  const parameters = { bias: 0, faint: 0, validation: 0.15, test: 0.25, ...options };
  for (const [name, [low, high]] of Object.entries(RANGES)) {
    const value = parameters[name as keyof typeof RANGES];
    const whole = name === "count" || name === "size";
    if (!(value >= low && value <= high) || (whole && !Number.isInteger(value)))
      throw new UsageError(
        `synthetic faces: ${name}: expected a ${whole ? "whole " : ""}number from ${low} to ${high}, received ${value}`,
      );
  }
  const held = parameters.validation + parameters.test;
  if (held >= 1)
    throw new UsageError(
      `synthetic faces: validation + test: expected less than 1, received ${held}; leave faces to train on`,
    );
  return parameters;
}

/** The text of `truth.json`. */
function truth(parameters: Parameters): string {
  const tones = toneTruths(parameters);
  const content = {
    schema: VERSION,
    parameters,
    /** Half the distance between the styles in each cue, in standard deviations, where cues are drawn in full. */
    cues: CUES,
    tones,
    /** `eo.max` by tone of the two ideal classifiers. */
    recallGap: { fair: recallGap(tones, "fair"), biased: recallGap(tones, "biased") },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Whether the folder is whole and was drawn with these parameters. */
async function holds(root: string, parameters: Parameters): Promise<boolean> {
  const files = existsSync(root) ? await readdir(root) : [];
  if (files.length === 0) return false;
  if (!files.includes("truth.json"))
    throw new UsageError(
      `${root}: expected a new, empty or drawn folder, received one with ${files[0]} and no truth.json; choose another folder`,
    );
  const images = join(root, "images");
  return (
    (await readFile(join(root, "truth.json"), "utf8")) === truth(parameters) &&
    existsSync(join(root, "manifest.csv")) &&
    existsSync(images) &&
    (await readdir(images)).length === parameters.count
  );
}

function toRow(root: string, { index, style, tone, age, ageBand, split }: Person): Row {
  const id = `images/${imageName(index)}`;
  return {
    id,
    path: join(root, id),
    labels: { style, tone, age_band: ageBand },
    numbers: { age },
    split,
    weight: 1,
    origin: null,
    cluster: null,
  };
}
