/** @file The maps of a space: each fitted once and kept, with its quality. */
import { fitMap } from "../../explore/map/fit.ts";
import { reduceRows } from "../../explore/map/reduce.ts";
import { trustworthiness } from "../../explore/map/trustworthiness.ts";
import type { MapResult } from "../../explore/result.ts";
import type { ExploreConfig, ExploreMap } from "../../run/config/explore.ts";
import type { Progress } from "../../run/progress.ts";
import type { Space } from "./spaces.ts";
import type { Steps } from "./steps.ts";

export interface DrawnMap extends MapResult {
  /** [n, dimensions] */
  readonly coordinates: Float64Array;
}

/** Neighbours whose keeping makes a map trustworthy. */
const NEIGHBOURS = 10;

const NAMES: { readonly [K in ExploreMap["kind"]]: string } = {
  pca: "PCA",
  tsne: "t-SNE",
  umap: "UMAP",
};

export async function drawMaps(
  space: Space,
  digest: string,
  { maps, reduce }: Pick<ExploreConfig, "maps" | "reduce">,
  steps: Steps,
  progress: Progress,
): Promise<DrawnMap[]> {
  const drawn: DrawnMap[] = [];
  for (const [m, spec] of maps.entries()) {
    const { kind, ...settings } = spec;
    const earlier = maps.slice(0, m).filter((of) => of.kind === kind).length;
    const name = earlier > 0 ? `${NAMES[kind]} ${earlier + 1}` : NAMES[kind];
    drawn.push({
      ...(await steps.keep(`map-${kind}`, [digest, spec, reduce ?? null], async () => {
        const reduced = await reduceRows(space, reduce, progress);
        const { coordinates, dimensions, notes, explained, kl } = await fitMap(
          spec,
          reduced.rows,
          progress,
        );
        const k = NEIGHBOURS;
        const trust = await trustworthiness(space, coordinates, dimensions, k, progress);
        return {
          kind,
          settings: definedOf(settings),
          reducedTo: reduced.components,
          dimensions,
          trustworthiness: trust,
          kl,
          explained: explained && [...explained],
          notes: [...reduced.notes, ...notes],
          coordinates,
        };
      })),
      name,
    });
  }
  return drawn;
}

const definedOf = (settings: object): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
