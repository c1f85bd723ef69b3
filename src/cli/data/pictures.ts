/** @file Pictures of a data set: some of its images, originals beside their copies, distributions before and after balancing. */
import { join } from "node:path";
import sharp from "sharp";
import {
  type AugmentConfig,
  NO_AUGMENTATION,
  STUDY_AUGMENTATION,
  augment,
} from "../../data/augment.ts";
import { applyPlan } from "../../data/balance.ts";
import { groupBy } from "../../data/cells.ts";
import { imageOfRow } from "../../data/copies.ts";
import { decodeImage } from "../../data/decode.ts";
import type { Raster } from "../../data/raster.ts";
import { type Row, SPLITS } from "../../data/row.ts";
import { distributionChart } from "../../report/charts/distribution.ts";
import { chartSvg } from "../../report/explore/charts/chart.ts";
import {
  type SheetPart,
  type SheetTile,
  contactSheet,
} from "../../report/explore/contact-sheet.ts";
import { count } from "../../report/format.ts";
import type { Config } from "../../run/config/schema.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { random } from "../../run/random.ts";
import type { Dataset } from "../../train/dataset.ts";
import { singleAttributes } from "../../train/predict.ts";

const SAMPLES = 32;
const ORIGINALS = 6;
const COPIES = 7;

/** A file that was written, and how many rows or pictures it shows. */
export interface PictureFile {
  readonly file: string;
  readonly shows: string;
}

const labelOf = (row: Row, attributes: readonly string[]): string =>
  attributes.map((name) => row.labels[name]).join(" ");

const png = async ({ width, height, data }: Raster): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();

/** What makes a picture of a row, and what is said of it. */
interface Change {
  readonly label: string;
  readonly of: (file: Raster) => Raster;
}

/** Copies that balancing makes of a row; without any what training makes of it in its epochs, or the study's four. */
function changesOf(row: Row, copies: readonly Row[], config: Config): Change[] {
  const { seed } = config;
  if (copies.length > 0)
    return copies.map((copy, i) => ({
      label: `copy ${i + 1} of ${copies.length}`,
      of: (file) => imageOfRow(file, copy, seed),
    }));
  const { variants: _, ...own } = config.augment;
  const isOn = Object.keys(NO_AUGMENTATION).some((name) => own[name as keyof AugmentConfig] > 0);
  const settings = isOn ? own : STUDY_AUGMENTATION;
  return Array.from({ length: COPIES }, (_, epoch) => ({
    label: isOn ? `epoch ${epoch + 1}` : `augmented ${epoch + 1}`,
    of: (file) => augment(file, settings, random(seed, "augment", epoch + 1, row.id)),
  }));
}

async function panel(
  row: Row,
  attributes: readonly string[],
  changes: readonly Change[],
): Promise<SheetPart> {
  const original: SheetTile = { picture: { image: row.path }, label: "original" };
  const file = await decodeImage(row.path);
  const tiles = await Promise.all(
    changes.slice(0, COPIES).map(async ({ label, of }): Promise<SheetTile> => ({
      picture: { image: await png(of(file)) },
      label,
    })),
  );
  return { title: `${row.id}: ${labelOf(row, attributes)}`, tiles: [original, ...tiles] };
}

/**
 * Writes them into `folder`: samples.png, augmented.png and rows-by-ATTRIBUTE.svg. The faces of the data set are in the
 * first two: they are for those who may see it.
 */
export async function writePictures(
  config: Config,
  dataset: Dataset,
  folder: string,
): Promise<PictureFile[]> {
  const { balance: plan, unbalanced: before } = dataset;
  const after = plan && applyPlan(before, plan);
  const attributes = singleAttributes([dataset.task.target, ...dataset.task.attributes]);
  const all = SPLITS.flatMap((split) => dataset.rows[split]);
  const images = plan?.compat
    ? before
    : [...before, ...all.filter(({ split }) => split !== "train")];
  const stream = random(config.seed, "pictures");
  const written: PictureFile[] = [];
  const write = async (file: string, data: string | Buffer, shows: string): Promise<void> => {
    await writeFileAtomic(join(folder, file), data, false);
    written.push({ file, shows });
  };

  const sample = stream.shuffle(images).slice(0, SAMPLES);
  const caption = `${count(sample.length)} of ${count(images.length)} images, drawn at random`;
  const tiles = sample.map((row) => ({
    picture: { image: row.path },
    label: labelOf(row, attributes),
  }));
  await write(
    "samples.png",
    await contactSheet(dataset.source, [{ title: caption, tiles }]),
    caption,
  );

  const balanced = after ?? all;
  const originals = balanced.filter(({ origin }) => origin === null);
  const copiesOf = groupBy(
    balanced.filter(({ origin }) => origin !== null),
    ({ origin }) => origin!,
  );
  const copied = originals.filter(({ id }) => copiesOf.has(id));
  const shown = stream.shuffle(copied.length > 0 ? copied : originals).slice(0, ORIGINALS);
  const parts = await Promise.all(
    shown.map((row) => panel(row, attributes, changesOf(row, copiesOf.get(row.id) ?? [], config))),
  );
  await write(
    "augmented.png",
    await contactSheet("Originals, and what augmentation makes of them", parts),
    `${shown.length} originals${copied.length > 0 ? ` of ${count(copied.length)} that are copied` : ""}`,
  );

  const names = [...Object.keys(before[0]!.labels), ...Object.keys(before[0]!.numbers)];
  const rows = after
    ? `${count(before.length)} rows before, ${count(after.length)} after`
    : `${count(all.length)} rows`;
  for (const name of names)
    await write(
      `rows-by-${name.replace(/[^\w.-]+/g, "-")}.svg`,
      chartSvg(distributionChart(name, after ? before : all, after)),
      rows,
    );
  return written;
}
