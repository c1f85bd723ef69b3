/** @file Maps of embeddings: t-SNE beside scikit-learn, UMAP beside umap-learn; how long, and how good. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Bench, Comparison, Findings } from "../lib/comparison.ts";
import { digits } from "../lib/markdown.ts";
import { build } from "../lib/package.ts";
import { installedPython, servePython } from "../lib/python.ts";
import { interleave } from "../lib/rounds.ts";
import { type Side, serveNode } from "../lib/side.ts";
import { drawRows } from "./rows.ts";

const [ROWS, WIDTH] = [5000, 512];
const SCRIPT = join(import.meta.dirname, "manifold_side.py");
/** What is promised for so many rows on two cores. */
const SECONDS = 60;
/** How far behind the peer a map may stay: KL by a factor, trustworthiness by an amount. */
const KL = 1.1;
const TRUST = 0.02;

const Fit = z.object({
  seconds: z.number(),
  kl: z.number().nullable(),
  coordinates: z.array(z.number()),
});

/** What is fitted, and the ways in which the peer fits it. */
const KINDS = {
  tsne: { name: "t-SNE, perplexity 30", peers: { tsne: null } },
  umap: {
    name: "UMAP, 15 neighbours",
    peers: { umap: "seeded, one core", "umap-unseeded": "unseeded, all cores" },
  },
} as const;

/** Both sides hold the same float32 rows in memory, and keep to their defaults. */
const besideManifold = (kind: keyof typeof KINDS, title: string, peer: string): Comparison => ({
  title,
  peer,
  run: async ({ rounds, clock, quick, scratch, progress }: Bench): Promise<Findings> => {
    const python = installedPython(progress);
    const built = await build();
    const rows = drawRows(quick ? 600 : ROWS, WIDTH);
    const file = join(scratch, "rows.f32");
    writeFileSync(file, new Uint8Array(rows.x.buffer));
    const args = [file, `${WIDTH}`];
    const [ours, theirs] = [
      serveNode(built.side("maps"), ...args),
      servePython(python, SCRIPT, ...args),
    ];
    try {
      if (kind === "umap") await theirs.call("warm");
      progress("fits");
      const fit = (side: Side, of: string) => async () =>
        Fit.parse(await side.call("fit", { kind: of, clock }));
      const peers = Object.entries(KINDS[kind].peers);
      const tasks: Record<string, () => Promise<z.infer<typeof Fit>>> = { ours: fit(ours, kind) };
      for (const [of] of peers) tasks[of] = fit(theirs, of);
      const laps = await interleave(tasks, rounds, { warmUp: false });
      const [own, other] = [laps["ours"]![0]!, laps[kind]![0]!];
      const trustOf = async (side: Side, { coordinates }: z.infer<typeof Fit>) =>
        z.number().parse(await side.call("trust", { coordinates }));
      const [trust, bar] = [await trustOf(ours, own), await trustOf(ours, other)];
      const apart = Math.abs((await trustOf(theirs, other)) - bar);
      const seconds = (name: string) => laps[name]!.map((lap) => lap.seconds);
      return {
        lines: peers.map(([of, beside]) => ({
          what: `${KINDS[kind].name}, ${rows.n.toLocaleString("en")} x ${WIDTH}`,
          ...(beside && { beside }),
          unit: "s",
          ours: seconds("ours"),
          peer: seconds(of),
          target: { atMost: SECONDS },
        })),
        claims: [
          {
            text: `trustworthiness of 10 neighbours ${trust.toFixed(4)}, the peer's ${bar.toFixed(4)}`,
            holds: trust >= bar - TRUST,
          },
          {
            text: `scikit-learn's trustworthiness of the peer's map is ${apart.toExponential(1)} apart from ours`,
            holds: apart < 1e-9,
          },
          ...(own.kl !== null && other.kl !== null
            ? [
                {
                  text: `KL divergence ${digits(own.kl)}, the peer's ${digits(other.kl)}`,
                  holds: own.kl <= KL * other.kl,
                },
              ]
            : []),
          {
            text: "every round gives the same map",
            holds: laps["ours"]!.every(
              ({ coordinates }) => `${coordinates}` === `${own.coordinates}`,
            ),
          },
        ],
        versions: z.record(z.string(), z.string()).parse(await theirs.call("versions")),
      };
    } finally {
      await Promise.all([ours.stop(), theirs.stop()]);
    }
  },
});

export const tsne = besideManifold("tsne", "t-SNE beside scikit-learn", "scikit-learn");
export const umap = besideManifold("umap", "UMAP beside umap-learn", "umap-learn");
