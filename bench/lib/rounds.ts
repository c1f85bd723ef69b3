/** @file Measures several tasks in turn, so that a busy machine slows all of them alike. */
import { setTimeout } from "node:timers/promises";
import type { Clock } from "./comparison.ts";

/** Milliseconds between tasks: threads of a side that has answered still spin for a while. */
const PAUSE = 150;

/**
 * Runs every task once unmeasured, then `rounds` times in turn: ours, peer, ours, peer.
 * @param warmUp false leaves out the unmeasured round, where a task is a process of its own
 * @returns what each task returned, one entry per round
 */
export async function interleave<K extends string, T>(
  tasks: Readonly<Record<K, () => T | Promise<T>>>,
  rounds: number,
  { warmUp = true }: { readonly warmUp?: boolean } = {},
): Promise<Record<K, T[]>> {
  const entries = Object.entries(tasks) as [K, () => T | Promise<T>][];
  const laps = Object.fromEntries(entries.map(([name]) => [name, [] as T[]])) as Record<K, T[]>;
  for (let round = warmUp ? -1 : 0; round < rounds; round++)
    for (const [name, task] of entries) {
      await setTimeout(PAUSE);
      const lap = await task();
      if (round >= 0) laps[name].push(lap);
    }
  return laps;
}

/** Seconds since some moment; `cpu` counts what every thread of this process has used. */
const NOW: Readonly<Record<Clock, () => number>> = {
  wall: () => performance.now() / 1000,
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
};

/** Seconds that one call takes: the mean of as many as fill some seconds. */
export function secondsOf(call: () => unknown, clock: Clock, fill = 0.2): number {
  const start = NOW[clock]();
  for (let calls = 1; ; calls++) {
    call();
    const seconds = NOW[clock]() - start;
    if (seconds >= fill) return seconds / calls;
  }
}

/** `secondsOf` for a call that is waited for. */
export async function secondsUntil(
  call: () => Promise<unknown>,
  clock: Clock,
  fill = 0.2,
): Promise<number> {
  const start = NOW[clock]();
  for (let calls = 1; ; calls++) {
    await call();
    const seconds = NOW[clock]() - start;
    if (seconds >= fill) return seconds / calls;
  }
}
