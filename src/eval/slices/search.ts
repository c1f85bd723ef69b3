/** @file Tests every conjunction of attribute values that has the support. */
import { runs } from "./dependence.ts";
import type { Outcomes } from "./outcomes.ts";
import { logWorse, type Sums, without } from "./sums.ts";

/** The rows that have the value `values[i]` in the attribute `attributes[i]`, for every i. */
export interface Conjunction {
  readonly attributes: readonly number[];
  readonly values: readonly number[];
}

/** A conjunction that looks worse than all other rows that have a value of its attributes. */
export interface Candidate extends Conjunction {
  readonly slice: Sums;
  readonly rest: Sums;
  readonly logP: number;
}

export interface SearchOptions {
  readonly depth: number;
  readonly minSupport: number;
  /** Largest p-value of interest. */
  readonly most: number;
}

/** Slices of one set of attributes: the last one refines those of the others. */
interface Level {
  readonly attributes: readonly number[];
  /** Slice of each cell, [M]; MISSING without a value of an attribute, RARE when it lacks support. */
  readonly ids: Int32Array;
  /** Values of each slice, attribute by attribute. */
  readonly valuesOf: (id: number) => readonly number[];
  readonly slices: number;
}
const MISSING = -1;
const RARE = -2;

/**
 * No slice of too few rows is ever refined, for its parts have fewer still (Agrawal and Srikant 1994), so at most
 * rows / minSupport slices of one set of attributes are held at a time.
 */
export function search(
  outcomes: Outcomes,
  { depth, minSupport, most }: SearchOptions,
): { readonly tested: number; readonly candidates: Candidate[] } {
  const candidates: Candidate[] = [];
  const bound = Math.log(most);
  const buffers = Array.from({ length: depth }, () => new Int32Array(outcomes.bad.length)); // one a depth
  let tested = 0;
  const refineAll = (level: Level): void => {
    const first = (level.attributes.at(-1) ?? -1) + 1;
    for (let attribute = first; attribute < outcomes.codes.length; attribute++) {
      const buffer = buffers[level.attributes.length]!;
      const refined = refine(level, attribute, outcomes, minSupport, buffer);
      if (refined.slices === 0) continue;
      const { all, each } = sumUp(refined, outcomes);
      for (let id = 0; id < refined.slices; id++) {
        const slice = each(id);
        const rest = without(all, slice);
        if (rest.rows < minSupport || slice.weight <= 0 || rest.weight <= 0) continue;
        tested++;
        const logP = logWorse(slice, rest);
        if (logP <= bound)
          candidates.push({
            attributes: refined.attributes,
            values: refined.valuesOf(id),
            slice,
            rest,
            logP,
          });
      }
      if (refined.attributes.length < depth) refineAll(refined);
    }
  };
  refineAll({
    attributes: [],
    ids: new Int32Array(outcomes.bad.length),
    valuesOf: () => [],
    slices: 1,
  });
  return { tested, candidates };
}

function refine(
  parent: Level,
  attribute: number,
  { codes, sizes, rows }: Outcomes,
  minSupport: number,
  ids: Int32Array,
): Level {
  const column = codes[attribute]!;
  const size = sizes[attribute]!;
  const above = parent.ids;
  const support = new Float64Array(parent.slices * size);
  for (let m = 0; m < ids.length; m++) {
    const id = above[m]!;
    const code = column[m]!;
    if (id >= 0 && code >= 0) support[id * size + code]! += rows[m]!;
  }
  const idOf = new Int32Array(support.length).fill(RARE);
  const keys: number[] = [];
  support.forEach((n, key) => {
    if (n >= minSupport) idOf[key] = keys.push(key) - 1;
  });
  for (let m = 0; m < ids.length; m++) {
    const id = above[m]!;
    const code = column[m]!;
    ids[m] = code < 0 ? MISSING : id < 0 ? id : idOf[id * size + code]!;
  }
  return {
    attributes: [...parent.attributes, attribute],
    ids,
    valuesOf: (id) => {
      const key = keys[id]!;
      return [...parent.valuesOf(Math.floor(key / size)), key % size];
    },
    slices: keys.length,
  };
}

/** Sums of every slice, and of all rows that have a value of each attribute. */
interface LevelSums {
  readonly all: Sums;
  readonly each: (id: number) => Sums;
}

const sumUp = (level: Level, outcomes: Outcomes): LevelSums =>
  outcomes.cluster === null ? countUp(level, outcomes) : weighUp(level, outcomes, outcomes.cluster);

/** Of rows that weigh 1 and are independent. */
function countUp({ ids, slices }: Level, { bad, rows }: Outcomes): LevelSums {
  const counts = new Float64Array(slices);
  const wrong = new Float64Array(slices);
  let [allRows, allBad] = [0, 0];
  for (let m = 0; m < ids.length; m++) {
    const id = ids[m]!;
    if (id === MISSING) continue;
    const n = rows[m]!;
    const b = n * bad[m]!;
    allRows += n;
    allBad += b;
    if (id < 0) continue;
    counts[id]! += n;
    wrong[id]! += b;
  }
  const plain = (n: number, b: number): Sums => ({ rows: n, weight: n, bad: b, spread: n });
  return { all: plain(allRows, allBad), each: (id) => plain(counts[id]!, wrong[id]!) };
}

/** Of rows with weights or clusters, each in a cell of its own. */
function weighUp(
  { ids, slices }: Level,
  { bad, weight, dispersion, correlation }: Outcomes,
  cluster: Int32Array,
): LevelSums {
  const sums = Array.from({ length: slices + 1 }, () => ({
    rows: 0,
    weight: 0,
    bad: 0,
    spread: 0,
  }));
  const all = sums[slices]!;
  const [alone, shared] = [dispersion * (1 - correlation), dispersion * correlation];
  const add = (to: { -readonly [name in keyof Sums]: Sums[name] }, m: number): void => {
    const w = weight[m]!;
    to.rows += 1;
    to.weight += w;
    to.bad += w * bad[m]!;
    to.spread += w * w * alone;
  };
  const own = new Float64Array(slices); // weight of the cluster at hand in each slice
  for (const [from, to] of runs(cluster)) {
    let total = 0;
    for (let m = from; m < to; m++) {
      const id = ids[m]!;
      if (id === MISSING) continue;
      add(all, m);
      total += weight[m]!;
      if (id < 0) continue;
      add(sums[id]!, m);
      own[id]! += weight[m]!;
    }
    for (let m = from; m < to; m++) {
      const id = ids[m]!;
      if (id < 0) continue;
      sums[id]!.spread += own[id]! * own[id]! * shared;
      own[id] = 0;
    }
    all.spread += total * total * shared;
  }
  return { all, each: (id) => sums[id]! };
}
