/** @file Drawn faces under UTKFace's names, so that a study of UTKFace runs without any data. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { makeSyntheticFaces } from "../../data/synthetic.ts";
import { STYLES, TONES } from "../../data/synthetic/person.ts";
import { recoverDirectory, replaceDirectory } from "../../run/files.ts";

export interface FacesOptions {
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
}

/** Drawn people are 18 and more; UTKFace has children. */
const YOUNGER = 17;
/** Every so many people are of UTKFace's race "other", whatever their tone. */
const OTHER = 10;
/** Cues of style are drawn fainter in some tones, so that there is a gap to be found. */
const FAINT = 0.4;
const AT_ONCE = 8;

/**
 * Draws faces into `folder`, or takes those that are there: style stands for gender, tone for race (of nobody on
 * earth). Names hold the labels: `AGE_GENDER_RACE_NUMBER.jpg`.
 */
export async function drawFacesAsUtkface(
  folder: string,
  { count, size }: FacesOptions,
): Promise<string> {
  const drawn = await makeSyntheticFaces(`${folder}-drawn`, {
    count,
    size,
    seed: 0,
    faint: FAINT,
  });
  await recoverDirectory(folder);
  if (existsSync(folder)) return folder;
  await replaceDirectory(folder, async (next) => {
    const rows = drawn.rows.entries();
    const worker = async (): Promise<void> => {
      for (const [i, { path, labels, numbers }] of rows) {
        const { style, tone } = labels;
        const race =
          i % OTHER === OTHER - 1 ? TONES.length : TONES.findIndex((name) => name === tone);
        const fields = [
          numbers["age"]! - YOUNGER,
          STYLES.findIndex((name) => name === style),
          race,
          20_170_101_000_000 + i,
        ];
        const jpeg = await sharp(path).jpeg({ quality: 95 }).toBuffer();
        await writeFile(join(next, `${fields.join("_")}.jpg`), jpeg);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  });
  return folder;
}
