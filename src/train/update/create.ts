/** @file The updater that fits where an engine keeps its tensors. */
import type { Engine } from "../../engine/engine.ts";
import type { Trainee } from "../network.ts";
import type { Objective } from "../objective.ts";
import { hostUpdater } from "./host.ts";
import type { UpdateSettings, Updater, UpdaterState } from "./updater.ts";

/** Makes `network` trainable. @param saved what an updater of the same network remembered. */
export const createUpdater = <N extends Trainee>(
  engine: Engine,
  network: N,
  objective: Objective<N>,
  settings: UpdateSettings,
  saved: UpdaterState | null,
): Promise<Updater<N>> => hostUpdater(engine, network, objective, settings, saved);
