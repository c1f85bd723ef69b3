/** @file Four pictures of pixel luminance: rows, maps, clusters, borders, and files of each. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFolder } from "../../data/folder.ts";
import type { Row } from "../../data/row.ts";
import { embedImages } from "../../embed/embed-images.ts";
import { pixelImages } from "../../embed/pixel-encoder.ts";
import { densityContours } from "../../explore/border/contours.ts";
import { heldOut } from "../../explore/border/held-out.ts";
import { decisionRegions } from "../../explore/border/regions.ts";
import { fitSvm, type SvmOptions } from "../../explore/border/svm.ts";
import { agreement } from "../../explore/cluster/agreement.ts";
import { dbscan } from "../../explore/cluster/dbscan.ts";
import { fitMap } from "../../explore/map/fit.ts";
import type { FittedMap } from "../../explore/map/map.ts";
import { chartSvg, svgPng } from "../../report/explore/charts/chart.ts";
import { scatterChart } from "../../report/explore/charts/scatter.ts";
import type { Facet, Layer, PageMap } from "../../report/explore/page-data.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { percent } from "../../report/format.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { type Progress, terminalProgress } from "../../run/progress.ts";
import { columnOf } from "../../train/columns.ts";
import { savingWhenInterrupted } from "../interrupt.ts";

/** Names that the pictures' begin with. */
export interface Names {
  readonly tsne: string;
  readonly umap: string;
}

const LABEL = "label";
const BATCH = 64;
/** Ten inches at the 96 pixels of SVG. */
const WIDTH = 960;

/** The study's numbers. */
const TSNE = { kind: "tsne", perplexity: 30, iterations: 1000, seed: 42 } as const;
const UMAP = { kind: "umap", neighbours: 15, minDist: 0.1, seed: 42 } as const;
const DBSCAN = { eps: 0.5, minSamples: 5 } as const;
const SVM: SvmOptions = { kernel: "rbf", C: 1, gamma: "scale" };
const CONTOURS = 3;
// the study had 0.5 for contours, which hides all but the last label where they overlap
const OPACITY = { regions: 0.2, contours: 0.1 } as const;
/** Not the study's: it measured nothing on pictures that it had not fitted. */
const TEST = 0.25;

/**
 * Brightness of pixels (0 black, 1 white), each picture's scaled to unit length, for every step alike. Prints what was found
 * and the files: `{tsne}_{numbers}.png`, `{umap}_{numbers}.png`, `{umap}_{numbers}_kde.png`, `{umap}_svm_boundaries.png`.
 * @throws {UsageError} for a folder without labelled pictures; {EquiclipError} for one that cannot be read
 */
export async function pixelMaps(folder: string, names: Names, size: number): Promise<void> {
  const { rows, rejected } = await readFolder(folder, LABEL);
  const facet: Facet = { name: LABEL, ...columnOf(rows, LABEL) };
  say(`${folder}: ${rows.length} pictures of ${facet.values.length} labels`);
  for (const { id, reason } of rejected) say(`left out: ${id}: ${reason}`);
  const progress = terminalProgress();
  try {
    const x = await embedded(rows, size, progress);
    say(`${x.n} x ${x.d} numbers`);
    await sayClusters(x, facet, progress);
    await draw(x, facet, names, progress);
    await sayAccuracy(x, facet, progress);
  } finally {
    progress.stop();
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function embedded(
  rows: readonly Row[],
  size: number,
  progress: Progress,
): Promise<Embeddings> {
  const partial = await mkdtemp(join(tmpdir(), "equiclip-pixels-"));
  const encoder = pixelImages({ size, lightness: "luma", range: "unit", fit: "stretch" });
  try {
    const { x, d } = await savingWhenInterrupted((signal) =>
      embedImages(rows, encoder, {
        batchSize: BATCH,
        maxBad: 0,
        normalise: true,
        partial,
        progress,
        signal,
      }),
    );
    return { x, n: rows.length, d };
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function sayClusters(x: Embeddings, { codes }: Facet, progress: Progress): Promise<void> {
  const { clusters, labels, notes } = await dbscan(x, { ...DBSCAN, progress });
  progress.stop();
  const { ari, reason, noise } = agreement(labels, codes);
  say(
    `clusters (DBSCAN, eps ${DBSCAN.eps}, at least ${DBSCAN.minSamples}): ${clusters}, noise ${percent(noise ?? 0)}; adjusted Rand index with labels ${ari === null ? `none (${reason})` : ari.toFixed(3)}`,
  );
  notes.forEach(say);
}

async function draw(x: Embeddings, facet: Facet, names: Names, progress: Progress): Promise<void> {
  const [tsne, umap] = [await fitMap(TSNE, x, progress), await fitMap(UMAP, x, progress)];
  progress.stop();
  const contours = contourLayers(umap, facet);
  const regions = regionLayers(umap, facet);
  const pictures = [
    [`${names.tsne}_${x.d}`, "t-SNE projection of embeddings by label", tsne, none],
    [`${names.umap}_${x.d}`, "UMAP projection of embeddings by label", umap, none],
    [`${names.umap}_${x.d}_kde`, "UMAP projection with KDE contours by label", umap, contours],
    [`${names.umap}_svm_boundaries`, "UMAP projection with SVM decision boundaries", umap, regions],
  ] as const;
  for (const [name, title, map, { layers, notes }] of pictures) {
    const page: PageMap = {
      title,
      note: [...map.notes, ...notes].join("; "),
      axes: null,
      coordinates: Float32Array.from(map.coordinates),
      layers,
    };
    const chart = scatterChart(page, facet, { title, width: WIDTH, layers: () => true });
    const file = `${name}.png`;
    await writeFileAtomic(file, await svgPng(chartSvg(chart)));
    say(`wrote ${file}`);
  }
}

interface Below {
  readonly layers: readonly Layer[];
  readonly notes: readonly string[];
}
const none: Below = { layers: [], notes: [] };

function contourLayers({ coordinates }: FittedMap, { codes, values }: Facet): Below {
  const { labels, notes } = densityContours(coordinates, codes, values, CONTOURS);
  const layers = labels.flatMap(({ code, levels }) =>
    levels.map(({ rings }) => ({
      name: "density",
      facet: LABEL,
      value: values[code]!,
      rings,
      opacity: OPACITY.contours,
    })),
  );
  return { layers, notes };
}

function regionLayers({ coordinates }: FittedMap, { codes, values }: Facet): Below {
  const points = { x: coordinates, n: codes.length, d: 2 };
  const { svm, reason } = fitSvm(points, codes, values.length, SVM);
  if (!svm) return { layers: [], notes: [`no borders: ${reason}`] };
  const { regions, notes } = decisionRegions(coordinates, svm.predict);
  const layers = regions.map(({ code, rings }) => ({
    name: "borders",
    facet: LABEL,
    value: values[code]!,
    rings,
    opacity: OPACITY.regions,
  }));
  return { layers, notes: [...svm.notes, ...notes] };
}

/** What borders are worth for pictures that neither they nor the map were fitted on. */
async function sayAccuracy(
  x: Embeddings,
  { codes, values }: Facet,
  progress: Progress,
): Promise<void> {
  const fit = (train: Embeddings): Promise<FittedMap> => fitMap(UMAP, train, progress);
  const found = await heldOut(x, codes, values, { test: TEST, seed: UMAP.seed, svm: SVM, fit });
  progress.stop();
  if (!found.heldOut) return say(`accuracy on pictures held out: none (${found.reason})`);
  const { onMap, majority } = found.heldOut;
  const [low, high] = onMap.interval ?? [];
  say(
    `accuracy on ${onMap.rows} pictures held out of map and borders: ${percent(onMap.value ?? 0)} (${percent(low ?? 0)} to ${percent(high ?? 1)}); always the commonest label: ${percent(majority.value ?? 0)}`,
  );
}
