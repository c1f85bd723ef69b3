/** @file From what was explored to the maps and facets that pages and charts draw. */
import { decisionRegions } from "../../explore/border/regions.ts";
import { densityContours } from "../../explore/border/contours.ts";
import { fitSvm } from "../../explore/border/svm.ts";
import type { Facet, Layer, PageMap } from "../../report/explore/page-data.ts";
import { count, decimal, percent } from "../../report/format.ts";
import { random } from "../../run/random.ts";
import type { Analysed } from "./analyse.ts";
import type { DrawnMap } from "./maps.ts";
import type { Explored } from "./explored.ts";

/** What all rows are coloured and filtered by: attributes, and the clusters of every space. */
export const facetsOf = (explored: Explored): Facet[] => [
  ...explored.groupings,
  ...explored.analysed.flatMap((analysed) => clusterFacets(explored, analysed)),
];

/** The clusters of a space as facets of all rows; rows that it does not have are in none. */
function clusterFacets({ rows, analysed }: Explored, { space, clusters }: Analysed): Facet[] {
  return clusters.map(({ clustering: { labels }, result }) => {
    const codes = new Int32Array(rows.length).fill(-1);
    space.rows.forEach((row, i) => {
      codes[row] = labels[i]! < 0 ? result.clusters : labels[i]!;
    });
    return {
      name: analysed.length > 1 ? `${result.name}, ${space.name}` : result.name,
      values: [...result.names.map(({ words }, c) => titleOf(c, words)), "noise"],
      codes,
    };
  });
}

/** A map for a chart of its own, with what it is coloured by. */
export interface ChartMap {
  readonly map: PageMap;
  readonly facets: readonly Facet[];
  readonly ids: readonly string[];
}

/** More points take long to draw, and hide each other. */
const MOST_DRAWN = 5000;

/** Every map (as `mapsOf` gives them) with the attributes and its own clusters; of many rows some, drawn at random. */
export const chartMaps = (explored: Explored, maps: readonly (readonly PageMap[])[]): ChartMap[] =>
  explored.analysed.flatMap((analysed, s) => {
    const { space } = analysed;
    const all = [...space.rows.keys()];
    const some = all.length > MOST_DRAWN ? random("charts").shuffle(all).slice(0, MOST_DRAWN) : all;
    const drawn = some.toSorted((a, b) => a - b);
    const rows = drawn.map((i) => space.rows[i]!);
    const facets = [...explored.groupings, ...clusterFacets(explored, analysed)].map((facet) => ({
      name: facet.name,
      values: facet.values,
      codes: Int32Array.from(rows, (row) => facet.codes[row]!),
    }));
    return maps[s]!.map((whole) => {
      return {
        map: {
          ...whole,
          coordinates: Float32Array.from(
            rows.flatMap((row) => [whole.coordinates[2 * row]!, whole.coordinates[2 * row + 1]!]),
          ),
          note:
            drawn.length < all.length
              ? `${whole.note}; ${count(drawn.length)} of ${count(all.length)} points are drawn.`
              : `${whole.note}.`,
        },
        facets,
        ids: rows.map((row) => explored.rows[row]!.id),
      };
    });
  });

const titleOf = (cluster: number, words: readonly string[] | null): string =>
  words ? `${cluster}: ${words.join(", ")}` : `${cluster}`;

const qualityOf = ({ trustworthiness, kl, explained, notes }: DrawnMap): string =>
  [
    trustworthiness.value === null
      ? `trustworthiness n/a (${trustworthiness.note})`
      : `trustworthiness ${decimal(trustworthiness.value)} (k ${trustworthiness.k})`,
    ...(kl === null ? [] : [`KL ${decimal(kl)}`]),
    ...(explained ? [`${percent(explained.reduce((a, b) => a + b, 0))} of the variance`] : []),
    ...notes,
  ].join("; ");

/** The first two dimensions of every map, by space. */
export const mapsOf = (explored: Explored): PageMap[][] =>
  explored.analysed.map((analysed) => analysed.maps.map((map) => mapOf(map, analysed, explored)));

const mapOf = (map: DrawnMap, analysed: Analysed, explored: Explored): PageMap => ({
  title: `${analysed.space.name} · ${map.name}`,
  note: qualityOf(map),
  axes: axesOf(map),
  coordinates: planeOf(map, analysed.space.rows, explored.rows.length),
  layers: layersOf(map, analysed, explored),
});

function axesOf({ explained }: DrawnMap): PageMap["axes"] {
  if (!explained) return null;
  const [x, y = 0] = explained;
  return [`first component (${percent(x!)})`, `second component (${percent(y)})`];
}

function planeOf(
  { coordinates, dimensions }: DrawnMap,
  rows: readonly number[],
  n: number,
): Float32Array {
  const out = new Float32Array(2 * n).fill(Number.NaN);
  rows.forEach((row, i) => {
    out[2 * row] = coordinates[i * dimensions]!;
    out[2 * row + 1] = dimensions > 1 ? coordinates[i * dimensions + 1]! : 0;
  });
  return out;
}

/** More labels than this cover each other. */
const MOST_LABELS = 20;
/** Points that borders are drawn from: more take long, and draw the same picture. */
const MOST_POINTS = 2000;
const REGION_OPACITY = 0.2;
const CONTOUR_OPACITY = 0.15;

/** Where labels lie densely and which of them borders would tell, of the label that borders were asked for. */
function layersOf(
  map: DrawnMap,
  { space }: Analysed,
  { config: { borders }, groupings }: Explored,
): Layer[] {
  const label = borders?.label ?? groupings[0]?.name;
  const grouping = groupings.find(({ name }) => name === label);
  if (!borders || !grouping || map.dimensions !== 2 || grouping.values.length > MOST_LABELS)
    return [];
  const { values } = grouping;
  const codes = Int32Array.from(space.rows, (row) => grouping.codes[row]!);
  const layer = (name: string, opacity: number, code: number, rings: Layer["rings"]): Layer => ({
    name,
    facet: grouping.name,
    value: values[code]!,
    rings,
    opacity,
  });
  const { labels } = densityContours(map.coordinates, codes, values);
  return [
    ...regionsOf(map, codes, values.length, borders).map(({ code, rings }) =>
      layer("borders", REGION_OPACITY, code, rings),
    ),
    ...labels.flatMap(({ code, levels }) =>
      levels.map(({ rings }) => layer("density", CONTOUR_OPACITY, code, rings)),
    ),
  ];
}

type Borders = NonNullable<Explored["config"]["borders"]>;

/** As the study draws them: of a machine that was fitted on the points of the map itself. */
function regionsOf(
  { coordinates }: DrawnMap,
  codes: Int32Array,
  classes: number,
  { kernel, C, gamma, seed }: Borders,
) {
  const all = [...codes.keys()].filter((i) => codes[i]! >= 0);
  const some =
    all.length > MOST_POINTS ? random(seed, "regions").shuffle(all).slice(0, MOST_POINTS) : all;
  const points = Float64Array.from(
    some.flatMap((i) => [coordinates[2 * i]!, coordinates[2 * i + 1]!]),
  );
  const own = Int32Array.from(some, (i) => codes[i]!);
  const { svm } = fitSvm({ x: points, n: some.length, d: 2 }, own, classes, { kernel, C, gamma });
  return svm ? decisionRegions(points, svm.predict).regions : [];
}
