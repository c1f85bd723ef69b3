/** @file Every engine on this machine: whether it runs, what it lacks, whether it is right and how fast it is. */
import { type Choice, ENGINES, chooseEngine } from "../../engine/catalog.ts";
import type { Missing } from "../../engine/engine.ts";
import type { EngineName } from "../../run/config/engine.ts";
import { runPool } from "../../run/pool.ts";
import type { Found } from "./work.ts";
import type { WorkerStart } from "./worker.ts";

/** Seconds of steps, and those after which an engine is given up. */
const SECONDS = 2;
const LIMIT = 30;
/** Of float32: engines were found to differ by a hundredth of it. */
const TOLERANCE = 1e-3;
/** They are there to test the others, and take minutes a step. */
const UNTIMED: ReadonlySet<EngineName> = new Set(["reference", "tfjs-cpu"]);

export type Finding = { readonly name: EngineName; readonly about: string } & (
  | { readonly state: "missing"; readonly missing: Missing }
  | { readonly state: "runs"; readonly note: string | null; readonly found: Found | null }
  | { readonly state: "fails"; readonly reason: string }
);
export interface Examination {
  readonly engines: readonly Finding[];
  readonly auto: Choice;
}

async function examined(name: EngineName): Promise<Found | string> {
  let found: Found | string = `its first steps took more than ${LIMIT} s`;
  await runPool<EngineName, Found>({
    entry: new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url),
    start: { seconds: SECONDS } satisfies WorkerStart,
    jobs: [name],
    workers: 1,
    signal: AbortSignal.timeout(LIMIT * 1000),
    onEnd: async (_name, ended) => {
      found = "result" in ended ? ended.result : ended.lost;
    },
  });
  return found;
}

/** @param measure whether each engine that runs is measured, in a process of its own */
async function find(name: EngineName, measure: boolean): Promise<Finding> {
  const { about } = ENGINES[name];
  const missing = await ENGINES[name].missing();
  if (missing) return { name, about, state: "missing", missing };
  const note = (await ENGINES[name].note?.()) ?? null;
  if (!measure || UNTIMED.has(name)) return { name, about, state: "runs", note, found: null };
  const found = await examined(name);
  if (typeof found === "string") return { name, about, state: "fails", reason: found };
  if (!(found.difference < TOLERANCE))
    return { name, about, state: "fails", reason: `${wrong(found)}; do not use it` };
  return { name, about, state: "runs", note, found };
}

const wrong = ({ difference }: Found): string =>
  `its gradients differ from float64 by ${difference.toPrecision(2)} of their largest value, expected less than ${TOLERANCE}`;

/** One engine after the other, so that none takes another's cores. */
export async function examine(
  names: readonly EngineName[],
  measure: boolean,
  onFinding: (finding: Finding) => void,
): Promise<Examination> {
  const engines: Finding[] = [];
  for (const name of names) {
    const finding = await find(name, measure);
    onFinding(finding);
    engines.push(finding);
  }
  return { engines, auto: await chooseEngine() };
}
