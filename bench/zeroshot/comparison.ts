/** @file Zero-shot evaluation of faces, image to report: `equiclip eval` beside the pipeline of transformers.js. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPredictions } from "../../src/eval/predictions-csv.ts";
import { cacheFolder } from "../lib/cache.ts";
import type { Comparison } from "../lib/comparison.ts";
import { FACE_SIZE, jpegFaces } from "../lib/faces.ts";
import { vitB32 } from "../lib/models.ts";
import { build } from "../lib/package.ts";
import { installedPython } from "../lib/python.ts";
import { interleave } from "../lib/rounds.ts";
import { dataSection, inSplits, PROMPTS } from "../lib/splits.ts";
import { usageOf } from "../lib/usage.ts";

/** UTKFace's test part. */
const FACES = 4664;
const QUICK = 64;
/** Both sides resize by libraries of their own, so that pixels are not the same. */
const TOLERANCE = 0.02;

/** Whole processes; equal weights, prompts and threads. Ours writes the whole report, the peer's rates by our function. */
export const zeroShot: Comparison = {
  title: "Zero-shot evaluation",
  peer: "transformers.js",
  run: async (bench) => {
    const { rounds, clock, quick, part, scratch, progress } = bench;
    const python = installedPython(progress); // it takes the time
    const { folder: model, preset } = await vitB32(bench);
    const built = await build();
    const exported = cacheFolder(`bench-${preset}-onnx`);
    if (!existsSync(join(exported, "onnx", "model.onnx"))) {
      progress("exporting the model, once");
      const command = [built.program, "export", model, "--onnx", "model", "--out", exported];
      execFileSync(process.execPath, command, { stdio: ["ignore", 2, 2] });
    }
    const count = quick ? QUICK : Math.round(FACES * part);
    const faces = await jpegFaces(count + 8, FACE_SIZE, progress);
    const rows = inSplits(faces, { train: 4, validation: 4, test: count });
    const [table, config, ours, peer, cache] = [
      "rows.json",
      "zero-shot.yaml",
      "ours",
      "peer",
      "cache",
    ].map((name) => join(scratch, name)) as [string, string, string, string, string];
    writeFileSync(table, JSON.stringify(rows.filter(({ split }) => split === "test")));
    writeFileSync(
      config,
      JSON.stringify({
        name: "zero-shot",
        threads: 2,
        data: await dataSection(join(scratch, "faces.csv"), rows),
        model: { from: model },
        prompts: PROMPTS,
        evaluate: { batchSize: 32 },
      }),
    );
    mkdirSync(peer);
    const evaluation = () => {
      rmSync(cache, { recursive: true, force: true }); // an evaluation of faces never seen
      const command = [process.execPath, built.program, "eval", config, "--out", ours];
      return usageOf(python, command, { EQUICLIP_CACHE: cache });
    };
    const script = built.side("zeroshot", "transformers");
    progress(`${count} faces`);
    const laps = await interleave(
      {
        ours: evaluation,
        peer: () => usageOf(python, [process.execPath, script, exported, table, peer]),
      },
      rounds,
      { warmUp: false },
    );
    const scores = async (folder: string): Promise<Float32Array> =>
      (await readPredictions(join(folder, "predictions.csv"))).scores!;
    const [own, theirs] = [await scores(ours), await scores(peer)];
    const apart = own.reduce((most, p, i) => Math.max(most, Math.abs(p - theirs[i]!)), 0);
    const what = `zero-shot evaluation of ${count.toLocaleString("en")} faces, image to report`;
    const beside = "zero-shot pipeline, batches of 32";
    const pick = (of: typeof clock | "mebibytes") => ({
      ours: laps.ours.map((usage) => usage[of]),
      peer: laps.peer.map((usage) => usage[of]),
    });
    return {
      lines: [
        { what, beside, unit: "s", ...pick(clock), target: { ratio: 1.3 } },
        { what: `${what}: peak memory`, beside, unit: "MiB", ...pick("mebibytes") },
      ],
      claims: [
        {
          text: `${own.length} probabilities are ${apart.toExponential(1)} apart at most`,
          holds: own.length === theirs.length && apart <= TOLERANCE,
        },
      ],
      versions: { "transformers.js": (await import("@huggingface/transformers")).env.version },
    };
  },
};
