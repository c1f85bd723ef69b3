/** @file Every kind of map, as a config asks for it. */
import { expect, test } from "vitest";
import { fitMap } from "../../../src/explore/map/fit.ts";
import { ExploreConfigSchema } from "../../../src/run/config/explore.ts";
import { blobs } from "./blobs.ts";

const { maps } = ExploreConfigSchema.parse({
  name: "maps",
  data: { source: "images", path: "." },
  encoders: [{ kind: "pixels" }],
  maps: [{ kind: "pca", components: 3 }, { kind: "tsne", iterations: 20 }, { kind: "umap" }],
});

test.each(maps)("$kind", async (spec) => {
  const map = await fitMap(spec, blobs(3, 20, 8, "any"));
  expect(map.dimensions).toBe(spec.kind === "pca" ? 3 : 2);
  expect(map.coordinates).toHaveLength(60 * map.dimensions);
  expect([map.explained !== null, map.kl !== null, map.place !== null]).toEqual(
    { pca: [true, false, true], tsne: [false, true, false], umap: [false, false, true] }[spec.kind],
  );
});
