/** @file Embeddings of rows and of texts by any encoder, kept in an exploration's folder. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { requireReadable } from "../../data/accept.ts";
import { loaderFor } from "../../data/loader.ts";
import type { Raster } from "../../data/raster.ts";
import type { Rejected, Row } from "../../data/row.ts";
import type { ImageEncoder } from "../../embed/encoder.ts";
import { joinRows } from "../../embed/join.ts";
import { ahead } from "../../run/ahead.ts";
import { count } from "../../report/format.ts";
import { EquiclipError, InterruptedError, UsageError } from "../../run/errors.ts";
import { type Embeddings, scaleRows, takeRows } from "../../run/linalg/embeddings.ts";
import type { Progress } from "../../run/progress.ts";
import type { OpenedEncoder } from "./encoders.ts";
import { imageHashes } from "./image-hashes.ts";
import { type Made, keptRows } from "./kept.ts";

export interface EmbedRowsOptions {
  /** Scale rows to unit length. What is kept is not scaled, so that this may change. */
  readonly normalise: boolean;
  /** Share of rows, 0 to 1, whose image may be unreadable. */
  readonly maxBad: number;
  /** Where embeddings are kept. */
  readonly folder: string;
  /** Once it aborts, what is computed is kept and InterruptedError thrown. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

export interface EmbeddedRows extends Embeddings {
  readonly x: Float32Array;
  /** Those that have an embedding, in the order given. [n] */
  readonly rows: readonly Row[];
  /** Where these lie among the rows given, ascending. [n] */
  readonly kept: readonly number[];
  /** The others, and why. */
  readonly bad: readonly Rejected[];
  readonly about: Readonly<Record<string, string>>;
  /** Images computed now; those of one content count once, and what was kept does not. */
  readonly computed: number;
  /** What is to be said of it, a line each. */
  readonly notes: readonly string[];
}

type Found = Omit<EmbeddedRows, "rows" | "n">;

/**
 * Embeddings of rows: of their images, each computed once and kept by its content under the encoder's weights and
 * preprocessing; or of a file, by their names. Memory: the embeddings, and three batches of images.
 * @throws {EquiclipError} listing the first unreadable images when there are more than `maxBad` allows
 * @throws {InterruptedError} once the signal aborts; the same call goes on
 */
export async function embedRows(
  rows: readonly Row[],
  encoder: OpenedEncoder,
  options: EmbedRowsOptions,
): Promise<EmbeddedRows> {
  const { image } = encoder;
  const found = image ? await byImages(rows, encoder, image, options) : byNames(rows, encoder);
  const { kept, d } = found;
  const n = kept.length;
  const zeros = kept.filter((_, i) => found.x.subarray(i * d, (i + 1) * d).every((v) => v === 0));
  if (options.normalise) scaleRows(found.x, d); // an array of our own, which may be large
  return {
    ...found,
    n,
    rows: kept.map((row) => rows[row]!),
    notes: [
      ...found.notes,
      ...(zeros.length > 0
        ? [
            `${encoder.name}: ${zeros.length} of ${n} embeddings are all zeros, which have no direction; the first is ${rows[zeros[0]!]!.id}`,
          ]
        : []),
    ],
  };
}

/** Joined by name; what a file says is taken as it is. */
function byNames(rows: readonly Row[], { name, file, about }: OpenedEncoder): Found {
  const { x, d } = file!;
  const { places, unused } = joinRows(file!, name, rows);
  const kept = [...rows.keys()].filter((row) => places[row] !== undefined);
  const bad = rows.flatMap(({ id }, row) =>
    places[row] === undefined ? [{ id, reason: `has no embedding in ${name}` }] : [],
  );
  const notes = [
    ...(bad.length > 0 ? [`${name}: ${bad.length} of ${rows.length} rows have no embedding`] : []),
    ...(unused > 0 ? [`${name}: ${count(unused)} embeddings of its file are of no row here.`] : []),
  ];
  return {
    x: takeRows(
      x,
      d,
      kept.map((row) => places[row]!),
    ),
    d,
    kept,
    bad,
    about,
    computed: 0,
    notes,
  };
}

async function byImages(
  rows: readonly Row[],
  { name, batchSize, about }: OpenedEncoder,
  encoder: ImageEncoder,
  { maxBad, folder, signal, progress }: EmbedRowsOptions,
): Promise<Found> {
  const hashes = await imageHashes(
    rows.map(({ path }) => path),
    join(folder, "images.json"),
    { signal, progress },
  );
  const keys = hashes.map((hash) => (typeof hash === "string" ? null : hash.sha256));
  /** Why a content is no picture. */
  const broken = new Map<string, string>();
  const reasonOf = (row: number): string | undefined => {
    const hash = hashes[row]!;
    return typeof hash === "string" ? hash : broken.get(hash.sha256);
  };
  const badRows = (): Rejected[] =>
    rows.flatMap(({ id }, row) => {
      const reason = reasonOf(row);
      return reason === undefined ? [] : [{ id, reason }];
    });

  async function* make(missing: readonly number[]): AsyncGenerator<Made> {
    requireReadable(badRows(), rows.length, maxBad);
    progress.start(`embedding by ${name}`, missing.length);
    const loader = loaderFor(missing.length);
    const { preprocess } = encoder;
    const load = async (some: readonly number[]) => {
      const images: (Raster | string)[] = [];
      const paths = some.map((row) => rows[row]!.path);
      await loader.load("decode", paths, { preprocess }, (i, image) => {
        images[i] = image;
      });
      return { some, images };
    };
    const chunks = Array.from({ length: Math.ceil(missing.length / batchSize) }, (_, i) =>
      missing.slice(i * batchSize, (i + 1) * batchSize),
    );
    // whole pictures may be large: then no batch waits while another is computed
    const depth = preprocess ? 2 : 0;
    let done = 0;
    for await (const { some, images } of ahead(chunks, depth, load)) {
      if (signal.aborted)
        throw new InterruptedError(
          `${done} of ${missing.length} images are embedded by ${name}; the same command goes on from there`,
        );
      const readable: Raster[] = [];
      const places: number[] = [];
      for (const [i, image] of images.entries())
        if (typeof image === "string") broken.set(keys[some[i]!]!, image);
        else {
          readable.push(image);
          places.push(some[i]!);
        }
      if (readable.length < some.length) requireReadable(badRows(), rows.length, maxBad);
      if (readable.length > 0) yield { ...(await encoder.embed(readable)), places };
      progress.update((done += some.length));
    }
  }

  const work = { folder, kind: "embeddings of images", name, about, keys, make };
  const { x, d, computed, notes } = await keptRows({
    ...work,
    nameOf: (row) => rows[row]!.id,
  }).finally(() => progress.stop());
  const bad = badRows();
  requireReadable(bad, rows.length, maxBad);
  const kept = [...rows.keys()].filter((row) => reasonOf(row) === undefined);
  if (kept.length === 0)
    throw new EquiclipError(
      `${name}: none of ${rows.length} images can be read, the first ${bad[0]?.id}: ${bad[0]?.reason}`,
    );
  for (const [to, from] of kept.entries()) x.copyWithin(to * d, from * d, (from + 1) * d);
  return { x: x.subarray(0, kept.length * d), d, kept, bad, about, computed, notes };
}

/** Texts at a time. */
const TEXTS = 256;

/**
 * Embeddings of texts by an encoder that has them (`texts` is not null), kept likewise.
 * @throws {UsageError} when the encoder has no text side, or a file of embeddings lacks a text
 * @throws {InterruptedError} once the signal aborts
 */
export async function embedTexts(
  texts: readonly string[],
  { name, about, texts: embed }: OpenedEncoder,
  { normalise, folder, signal, progress }: Omit<EmbedRowsOptions, "maxBad">,
): Promise<Embeddings & { readonly x: Float32Array; readonly computed: number }> {
  if (!embed) throw new UsageError(`encoder ${name}: it has no text side; leave queries out`);
  async function* make(missing: readonly number[]): AsyncGenerator<Made> {
    progress.start(`embedding texts by ${name}`, missing.length);
    for (let from = 0; from < missing.length; from += TEXTS) {
      if (signal.aborted)
        throw new InterruptedError(
          `${from} of ${missing.length} texts are embedded by ${name}; the same command goes on from there`,
        );
      const places = missing.slice(from, from + TEXTS);
      yield { ...(await embed!(places.map((i) => texts[i]!))), places };
      progress.update(from + places.length);
    }
  }
  const keys = texts.map((text) => createHash("sha256").update(text).digest("hex"));
  const { x, d, computed } = await keptRows({
    folder,
    kind: "embeddings of texts",
    name,
    about,
    keys,
    make,
    nameOf: (i) => JSON.stringify(texts[i]),
  }).finally(() => progress.stop());
  if (normalise) scaleRows(x, d);
  return { x, n: texts.length, d, computed };
}
