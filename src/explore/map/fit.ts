/** @file The map that a config asks for. */
import type { ExploreMap } from "../../run/config/explore.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { type Progress, silent } from "../../run/progress.ts";
import type { FittedMap } from "./map.ts";
import { fitPca } from "./pca.ts";
import { fitTsne } from "./tsne.ts";
import { fitUmap } from "./umap.ts";

type Fits = {
  readonly [K in ExploreMap["kind"]]: (
    spec: ExploreMap & { readonly kind: K },
    x: Embeddings,
    progress: Progress,
  ) => Promise<FittedMap>;
};

const FITS: Fits = {
  pca: ({ components }, x, progress) => fitPca(x, components, { progress }),
  tsne: (spec, x, progress) => fitTsne(x, { ...spec, progress }),
  umap: (spec, x, progress) => fitUmap(x, { ...spec, progress }),
};

/** Fits a map of rows [N, D]; PCA needs two rows or more. */
export async function fitMap<K extends ExploreMap["kind"]>(
  spec: ExploreMap & { readonly kind: K },
  x: Embeddings,
  progress: Progress = silent,
): Promise<FittedMap> {
  return FITS[spec.kind](spec, x, progress);
}
