/** @file Everything that an exploration leaves behind: tables, charts, sheets, folders of images, the page. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { stringify as csv } from "csv-stringify/sync";
import { stringify } from "yaml";
import {
  clusterManifest,
  exportClusters,
  writeClusterManifest,
} from "../../explore/audit/export.ts";
import { writePlan } from "../../explore/audit/plan.ts";
import { resultsCsv } from "../../explore/drift/results.ts";
import { type NamedChart, fileWord } from "../../report/explore/charts-of.ts";
import { chartSvg, svgPng } from "../../report/explore/charts/chart.ts";
import { highlightCharts, scatterChart } from "../../report/explore/charts/scatter.ts";
import type { ExplorePage, PageMap } from "../../report/explore/page-data.ts";
import { explorePageHtml } from "../../report/explore/page.ts";
import { partsOf } from "../../report/explore/parts.ts";
import { sectionsOf } from "../../report/explore/sections.ts";
import { exploreMarkdown, exploreText } from "../../report/explore/text.ts";
import { count } from "../../report/format.ts";
import type { RunFacts } from "../../report/model.ts";
import { summaryTable } from "../../report/explore/tables/drift.ts";
import type { Table } from "../../report/tables/table.ts";
import { terminalOf } from "../../report/terminal/terminal.ts";
import { writeFileAtomic } from "../../run/files.ts";
import type { Progress } from "../../run/progress.ts";
import { commandLine, machineFacts, timeOf } from "../run-report.ts";
import type { ExploreFolder } from "./folder.ts";
import { chartMaps, facetsOf, mapsOf } from "./page-data.ts";
import { prune } from "./prune.ts";
import { writeQuadruplets } from "./quadruplets.ts";
import type { Explored } from "./explored.ts";
import { writeSheets } from "./sheets.ts";
import { thumbnailsOf } from "./thumbnails.ts";

export interface OutputOptions {
  readonly started: Date;
  readonly json: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Writes the files of an exploration, the machine form last, and prints what was found. */
export async function writeOutputs(
  explored: Explored,
  folder: ExploreFolder,
  { started, json, progress, signal }: OutputOptions,
): Promise<void> {
  const { config, result } = explored;
  await writeClusters(explored, folder, progress);
  await writeSheets(explored, folder, progress);
  if (!explored.drift) await prune(folder.quadruplets, [".csv", ".png"]);
  else {
    await writeFileAtomic(
      join(folder.quadruplets, "quadruplets.csv"),
      resultsCsv(explored.drift.similarities),
    );
    await writeFileAtomic(
      join(folder.quadruplets, "summary.csv"),
      tableCsv(summaryTable(explored.drift.result.summary)),
    );
    if (explored.prompts && config.drift!.figures)
      await writeQuadruplets(explored, explored.drift, folder, progress);
  }
  const maps = mapsOf(explored);
  const facets = facetsOf(explored);
  await writeCharts(folder, chartsOf(explored, maps), progress);
  const title = config.title ?? config.name;
  const run: RunFacts = {
    summary: [
      { label: "data", value: `${count(result.source.rows)} rows of ${result.source.data}` },
      { label: "encoders", value: result.spaces.map(({ name }) => name).join(", ") },
    ],
    ...timeOf(started),
    imagesPerSecond: null,
    versions: machineFacts(),
    command: commandLine(),
    config: stringify(config),
  };
  const page: ExplorePage = {
    title,
    subtitle: `${count(result.source.rows)} rows of ${result.source.data} · ${result.spaces.map(({ name }) => name).join(", ")}`,
    ids: result.ids,
    texts: explored.captions,
    thumbnails:
      explored.hasImages && config.thumbnails
        ? await thumbnailsOf(
            explored.rows.map(({ path }) => path),
            { folder: folder.embeddings, signal, progress },
          )
        : null,
    facets,
    maps: maps.flat(),
    sections: sectionsOf(result, run),
  };
  progress.start("page", 1);
  await writeFileAtomic(folder.reportHtml, await explorePageHtml(page));
  await writeFileAtomic(folder.reportMarkdown, exploreMarkdown(title, result, run));
  const machine = `${JSON.stringify(result, plainArrays)}\n`;
  await writeFileAtomic(folder.result, machine);
  progress.stop();
  process.stdout.write(
    json
      ? machine
      : `${exploreText(result, terminalOf(process.stdout))}\n\nreport: ${folder.reportHtml}\n`,
  );
}

const tableCsv = ({ columns, rows }: Table): string =>
  csv([columns.map(({ head }) => head), ...rows.map((row) => row.map(({ text }) => text))]);

/** Typed arrays as lists, numbers that are no numbers as null. */
function plainArrays(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}

async function writeClusters(
  { config, rows, hasImages, analysed, groupings, result }: Explored,
  folder: ExploreFolder,
  progress: Progress,
): Promise<void> {
  const written = new Set<string>();
  for (const { space, clusters } of analysed)
    for (const { clustering, result: of } of clusters) {
      const name = `${fileWord(space.name)}-${fileWord(of.name)}`;
      for (const file of [name, `${name}.csv`, `${name}.json`]) written.add(file);
      const entries = clusterManifest(
        space.rows.map((row) => rows[row]!),
        clustering,
      );
      await writeClusterManifest(folder.clusters, name, entries);
      if (config.exportImages !== "none" && hasImages)
        await exportClusters(join(folder.clusters, name), entries, config.exportImages, progress);
    }
  await prune(folder.clusters, [".csv", ".json"], written);
  for (const entry of await readdir(folder.clusters, { withFileTypes: true }).catch(() => []))
    if (entry.isDirectory() && (!written.has(entry.name) || config.exportImages === "none"))
      await exportClusters(join(folder.clusters, entry.name), [], "link", progress);
  const { plan } = result;
  if (!plan) return prune(folder.plan, [".csv", ".json"]);
  const grouping = groupings.find(({ name }) => name === plan.attribute)!;
  const labels = analysed[0]!.clusters[0]?.clustering.labels ?? new Int32Array(rows.length);
  await writePlan(folder.plan, plan, rows, { labels }, grouping);
}

/** Values beyond which single ones are not highlighted in pictures of their own. */
const MOST_HIGHLIGHTS = 6;
/** Points with a name each. */
const MOST_NAMES = 24;

/** Every chart that goes into a file: those of the page, and each map by each attribute and by its own clusters. */
function* chartsOf(
  explored: Explored,
  maps: readonly (readonly PageMap[])[],
): Generator<NamedChart> {
  const { result, config, groupings } = explored;
  for (const { charts } of partsOf(result)) yield* charts;
  const borders = config.borders?.label ?? groupings[0]?.name;
  for (const { map, facets, ids } of chartMaps(explored, maps)) {
    const names = ids.length <= MOST_NAMES ? { labels: ids } : {};
    const prefix = fileWord(map.title);
    if (facets.length === 0)
      yield {
        file: prefix,
        chart: scatterChart(map, null, {
          ...names,
          ...(config.title === undefined ? {} : { title: config.title }),
        }),
      };
    for (const facet of facets) {
      const file = `${prefix}-by-${fileWord(facet.name)}`;
      const isHighlighted = config.drift !== undefined && facet.values.length <= MOST_HIGHLIGHTS;
      if (isHighlighted)
        for (const [i, chart] of highlightCharts(map, facet, names).entries())
          yield { file: i === 0 ? file : `${file}-${fileWord(facet.values[i - 1]!)}`, chart };
      else yield { file, chart: scatterChart(map, facet, names) };
      if (facet.name === borders)
        for (const layers of new Set(map.layers.map(({ name }) => name)))
          yield {
            file: `${file}-${layers}`,
            chart: scatterChart(map, facet, { ...names, layers: ({ name }) => name === layers }),
          };
    }
  }
}

/** As SVG and PNG; charts of an earlier config go. */
async function writeCharts(
  { charts: folder }: ExploreFolder,
  charts: Iterable<NamedChart>,
  progress: Progress,
): Promise<void> {
  const written = new Set<string>();
  const all = [...charts];
  progress.start("charts", all.length);
  for (const [i, { file, chart }] of all.entries()) {
    const svg = chartSvg(chart);
    for (const [name, data] of [
      [`${file}.svg`, svg],
      [`${file}.png`, await svgPng(svg)],
    ] as const) {
      await writeFileAtomic(join(folder, name), data, false);
      written.add(name);
    }
    progress.update(i + 1);
  }
  await prune(folder, [".svg", ".png"], written);
  progress.stop();
}
