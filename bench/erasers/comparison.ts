/** @file Fits of LEACE and PCA: equiclip beside concept-erasure and scikit-learn. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Eraser } from "../../src/debias/eraser.ts";
import { npy } from "../../src/embed/npy.ts";
import type { Bench, Claim, Comparison, Findings, Line } from "../lib/comparison.ts";
import { build } from "../lib/package.ts";
import { installedPython, servePython } from "../lib/python.ts";
import { interleave, secondsOf, secondsUntil } from "../lib/rounds.ts";
import { drawEmbeddings } from "./rows.ts";

/** UTKFace's shared faces, in the width of CLIP ViT-B/32's embeddings. */
const [ROWS, WIDTH, CLASSES] = [18_648, 512, 5];
const SCRIPT = join(import.meta.dirname, "erasers_side.py");

const ToldLeace = z.object({ seconds: z.number(), first: z.array(z.number()), trace: z.number() });
const ToldPca = z.object({ seconds: z.number(), share: z.array(z.number()) });

/** Both sides hold the same float32 rows in memory; Python is one process that times itself. */
export const besideConceptErasure: Comparison = {
  title: "Erasers beside concept-erasure and scikit-learn",
  peer: "Python",
  run: async ({ rounds, clock, scratch, progress }: Bench): Promise<Findings> => {
    const python = installedPython(progress);
    const rows = drawEmbeddings(ROWS, WIDTH, CLASSES);
    const [x, labels] = [join(scratch, "x.npy"), join(scratch, "labels.npy")];
    writeFileSync(x, npyFile(rows.x, WIDTH));
    writeFileSync(labels, npyFile(Float32Array.from(rows.labels), 1));
    const { library } = await build();
    const { engineMoments, eraserToAffine, erasers, leaceFromMoments, onnxEngine } = library;
    const engine = onnxEngine();
    const peer = servePython(python, SCRIPT, x, labels);
    try {
      progress("fits");
      const leace = async (double: boolean) =>
        ToldLeace.parse(await peer.call("leace", { clock, double }));
      const pca = async () => ToldPca.parse(await peer.call("pca", { clock }));
      const fitByEngine = async () =>
        leaceFromMoments(await engineMoments(engine, rows, [rows.labels]));
      const seconds = (fit: () => unknown): number => secondsOf(fit, clock);
      const laps = await interleave(
        {
          leace: () => seconds(() => erasers.leace.fit(rows)),
          leaceEngine: () => secondsUntil(fitByEngine, clock),
          peerSingle: async () => (await leace(false)).seconds,
          peerDouble: async () => (await leace(true)).seconds,
          pca: () => seconds(() => erasers["pca-class"].fit(rows)),
          peerPca: async () => (await pca()).seconds,
        },
        rounds,
      );
      const line = (what: string, ours: number[], theirs: number[]): Line => ({
        what,
        unit: "s",
        ours,
        peer: theirs,
      });
      const size = `${ROWS.toLocaleString("en")} x ${WIDTH}`;
      const firstRow = (eraser: Eraser) => eraserToAffine(eraser).matrix.subarray(0, WIDTH);
      return {
        lines: [
          line(
            `leace by onnx, ${size}; concept-erasure, float32`,
            laps.leaceEngine,
            laps.peerSingle,
          ),
          line(`leace in float64, ${size}; concept-erasure, float64`, laps.leace, laps.peerDouble),
          line(`pca-class in float64, ${size}; scikit-learn, float32`, laps.pca, laps.peerPca),
        ],
        claims: [
          agreement(
            "projections of LEACE agree",
            firstRow(erasers.leace.fit(rows)),
            (await leace(true)).first,
            1e-9,
          ),
          agreement(
            "projections of LEACE by onnx agree",
            firstRow(await fitByEngine()),
            (await leace(true)).first,
            1e-6, // its covariance is of float32
          ),
          agreement(
            "explained variances agree",
            erasers["pca-class"].fit(rows).share,
            (await pca()).share,
            1e-5, // scikit-learn's sums are of float32
          ),
        ],
        versions: z.record(z.string(), z.string()).parse(await peer.call("versions")),
      };
    } finally {
      await peer.stop();
    }
  },
};

const npyFile = (x: Float32Array, d: number): Buffer =>
  Buffer.concat(npy.encode({ x, n: x.length / d, d, ids: null, metadata: {} })[""]!);

/** Whether the numbers that the peer told are ours. */
export function agreement(
  text: string,
  ours: Float64Array,
  theirs: readonly number[],
  tolerance: number,
): Claim {
  const apart = Math.max(...theirs.map((value, i) => Math.abs(value - ours[i]!)));
  return { text: `${text}: ${apart.toExponential(1)} apart`, holds: apart <= tolerance };
}
