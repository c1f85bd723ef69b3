/** @file What the numbers were measured on; no names of machines or folders. */
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { VERSION } from "../../src/run/version.ts";

export const machineFacts = () => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  equiclip: VERSION,
  /** Processes that ran or waited to, a mean over the last minute. */
  load: Math.round(loadavg()[0]! * 10) / 10,
});

export type MachineFacts = ReturnType<typeof machineFacts>;
