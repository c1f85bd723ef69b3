/** @file From what was explored to the maps and facets that pages and charts draw. */
import { decisionRegions } from "../../explore/border/regions.ts";
import { densityContours } from "../../explore/border/contours.ts";
import { fitSvm } from "../../explore/border/svm.ts";
import type { Facet, Layer, PageMap } from "../../report/explore/page-data.ts";
import { decimal, percent } from "../../report/format.ts";
import { random } from "../../run/random.ts";
import type { Analysed } from "./analyse.ts";
import type { DrawnMap } from "./maps.ts";
import type { Explored } from "./explored.ts";

/** What all rows are coloured and filtered by: attributes, clusters of every space, the first rows of queries. */
export function facetsOf({ rows, groupings, analysed }: Explored): Facet[] {
  const n = rows.length;
  const spread = (space: Analysed["space"], codes: Int32Array): Int32Array => {
    const all = new Int32Array(n).fill(-1);
    space.rows.forEach((row, i) => {
      all[row] = codes[i]!;
    });
    return all;
  };
  const several = analysed.length > 1;
  return [
    ...groupings.map(({ name, values, codes }) => ({ name, values, codes })),
    ...analysed.flatMap(({ space, clusters }) =>
      clusters.map(({ clustering: { labels }, result }) => ({
        name: several ? `${result.name}, ${space.name}` : result.name,
        values: [...result.names.map(({ words }, c) => titleOf(c, words)), "noise"],
        codes: spread(
          space,
          labels.map((label) => (label < 0 ? result.clusters : label)),
        ),
      })),
    ),
  ];
}

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

/** The first two dimensions of every map of every space. */
export const mapsOf = (explored: Explored): PageMap[] =>
  explored.analysed.flatMap((analysed) =>
    analysed.maps.map((map) => ({
      title: `${analysed.space.name} · ${map.name}`,
      note: qualityOf(map),
      axes: axesOf(map),
      coordinates: planeOf(map, analysed.space.rows, explored.rows.length),
      layers: layersOf(map, analysed, explored),
    })),
  );

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
