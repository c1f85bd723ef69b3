/** @file What was run, and how fast. */
import { bytes, duration, time } from "../format.ts";
import type { Fact, RunFacts } from "../model.ts";
import { type Table, cell, left } from "./table.ts";

/** Label and value of everything worth knowing about a run. */
export const runFacts = (run: RunFacts): Fact[] => [
  ...run.summary,
  { label: "started", value: time(run.started) },
  { label: "finished", value: time(run.finished) },
  { label: "duration", value: duration(run.seconds) },
  ...(run.imagesPerSecond === null
    ? []
    : [{ label: "images per second", value: run.imagesPerSecond.toFixed(0) }]),
  ...(run.peakMemoryBytes === null
    ? []
    : [{ label: "peak memory", value: bytes(run.peakMemoryBytes) }]),
  ...run.versions,
];

export const runTable = (run: RunFacts): Table => ({
  title: "What was run",
  columns: [left("fact"), left("value")],
  rows: runFacts(run).map(({ label, value }) => [cell(label, undefined, "muted"), cell(value)]),
  notes: [],
});
