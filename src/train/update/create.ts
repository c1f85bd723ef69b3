/** @file The updater that fits where an engine keeps its tensors. */
import type { Engine } from "../../engine/engine.ts";
import type { Trainee } from "../network.ts";
import type { Objective } from "../objective.ts";
import { deviceUpdater } from "./device.ts";
import { hostUpdater } from "./host.ts";
import type { UpdateSettings, Updater, UpdaterState } from "./updater.ts";

const updaters = { host: hostUpdater, device: deviceUpdater } as const;

/** Makes `network` trainable. @param saved what an updater of the same network remembered. */
export const createUpdater = <N extends Trainee>(
  engine: Engine,
  network: N,
  objective: Objective<N>,
  settings: UpdateSettings,
  saved: UpdaterState | null,
): Promise<Updater<N>> => updaters[engine.memory](engine, network, objective, settings, saved);
