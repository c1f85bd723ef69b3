/** @file Small data sets for the command line: drawn faces under UTKFace's names. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { makeSyntheticFaces } from "../../src/data/synthetic.ts";

const STYLES = ["angular", "rounded"];
const TONES = ["amber", "cobalt", "jade", "violet"];

/** Draws `count` faces of 32 pixels into `folder`, named as UTKFace names its files: style as gender, tone as race. */
export async function drawUtkface(folder: string, count: number, seed = 0): Promise<string[]> {
  const drawn = await makeSyntheticFaces(`${folder}-drawn`, { count, size: 32, seed });
  mkdirSync(folder, { recursive: true });
  return Promise.all(
    drawn.rows.map(async ({ path, labels, numbers }, i) => {
      const fields = [
        Math.round(numbers["age"]!),
        STYLES.indexOf(labels["style"]!),
        TONES.indexOf(labels["tone"]!),
        20170101000000 + i,
      ];
      const name = `${fields.join("_")}.jpg`;
      writeFileSync(join(folder, name), await sharp(path).jpeg({ quality: 95 }).toBuffer());
      return name;
    }),
  );
}
