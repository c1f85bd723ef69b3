/** @file What a whole comparison costs: every method on embeddings, probes and intervals, from a file to the report. */
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeEmbeddings } from "../../src/embed/embedding-file.ts";
import { EMBEDDING_METHODS } from "../../src/run/config/debias-section.ts";
import { random } from "../../src/run/random.ts";
import { drawEmbeddings } from "../erasers/rows.ts";
import type { Bench, Comparison, Findings } from "../lib/comparison.ts";
import { build } from "../lib/package.ts";
import { interleave, secondsUntil } from "../lib/rounds.ts";

const [ROWS, WIDTH, CLASSES] = [18_648, 512, 5];
const SECONDS = 60;
const METHODS = [...EMBEDDING_METHODS, "thresholds", "wise"];
const Told = z.object({
  replicates: z.number(),
  cells: z.array(z.object({ status: z.string() })),
});

/** One task, one seed, 10,000 replicates; no other library does this whole. */
export const wholeComparison: Comparison = {
  title: "A whole comparison",
  peer: "none",
  run: async ({ rounds, scratch, progress }: Bench): Promise<Findings> => {
    const { program } = await build();
    await writeRows(scratch);
    const run = (): z.infer<typeof Told> => {
      progress("comparing");
      rmSync(join(scratch, "compare-cost"), { recursive: true, force: true });
      const command = [program, "compare", "cost.json", "--json"];
      const out = execFileSync(process.execPath, command, {
        cwd: scratch,
        stdio: ["ignore", "pipe", "ignore"],
        maxBuffer: 2 ** 28,
      });
      return Told.parse(JSON.parse(out.toString()));
    };
    let told: z.infer<typeof Told> | null = null;
    const laps = await interleave(
      // the work is done by other processes, whose processor time this one does not see
      { whole: () => secondsUntil(async () => (told = run()), "wall") },
      rounds,
    );
    const { cells, replicates } = told ?? run();
    const best = Math.min(...laps.whole);
    return {
      lines: [
        {
          what: `${METHODS.length} methods, probes, ${replicates.toLocaleString("en")} replicates, ${ROWS.toLocaleString("en")} x ${WIDTH}`,
          unit: "s",
          ours: laps.whole,
          peer: null,
        },
      ],
      claims: [
        {
          text: `${cells.filter(({ status }) => status === "done").length} of ${METHODS.length + 2} cells are done`,
          holds:
            cells.length === METHODS.length + 2 && cells.every(({ status }) => status === "done"),
        },
        { text: `within ${SECONDS} s: ${best.toFixed(0)} s`, holds: best < SECONDS },
      ],
      versions: {},
    };
  },
};

/** Embeddings of a concept of five classes, a target that goes with it, and an attribute that should stay. */
async function writeRows(folder: string): Promise<void> {
  const { x, n, d, labels } = drawEmbeddings(ROWS, WIDTH, CLASSES);
  const { uniform } = random("bench", "compare");
  const ids = Array.from({ length: n }, (_, row) => `row-${row}`);
  const lines = ids.map((id, row) => {
    // what the first dimensions say, and the concept a little
    const [a, b] = [x[row * d]! + x[row * d + 1]!, x[row * d + 2]!];
    const target = a + 0.1 * labels[row]! + 0.5 * (uniform() - 0.5) > 0.4 ? "yes" : "no";
    return `${id},${target},c${labels[row]},${b > 0 ? "round" : "square"}`;
  });
  const text = `image,target,concept,shape\n${lines.join("\n")}\n`;
  writeFileSync(join(folder, "labels.csv"), text);
  await writeEmbeddings(join(folder, "e.safetensors"), { x, n, d, ids, metadata: {} });
  const config = {
    name: "cost",
    embeddings: { file: "e.safetensors" },
    data: { source: "csv", path: "labels.csv", attributes: ["target", "concept", "shape"] },
    seeds: 1,
    tasks: [{ target: "target", sensitive: ["concept"], utility: ["shape"] }],
    methods: METHODS,
    workers: 2,
  };
  writeFileSync(join(folder, "cost.json"), JSON.stringify(config));
}
