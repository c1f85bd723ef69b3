/** @file What scikit-learn found on the rows of `cluster.safetensors`. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { reference } from "../../golden.ts";

const Quality = z.object({ kl_divergence: z.number(), trustworthiness_k10: z.number() });
const Golden = z.object({
  pca: z
    .object({ trustworthiness_k5: z.number(), trustworthiness_k10: z.number() })
    .catchall(z.unknown()),
  tsne: z.array(
    z.object({ perplexity: z.number(), init: z.string(), exact: Quality, barnes_hut: Quality }),
  ),
});

export const readGolden = () =>
  Golden.parse(JSON.parse(readFileSync(reference("cluster", "golden.json"), "utf8")));
