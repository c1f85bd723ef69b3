/** @file The updater that fits where an engine keeps its tensors. */
import type { Engine } from "../../engine/engine.ts";
import type { Trainee } from "../network.ts";
import type { Objective } from "../objective.ts";
import { deviceUpdater } from "./device.ts";
import { hostUpdater } from "./host.ts";
import { availableMemory, memoryNeed } from "./memory.ts";
import type { UpdateSettings, Updater, UpdaterState } from "./updater.ts";

const updaters = { host: hostUpdater, device: deviceUpdater } as const;

/**
 * Makes `network` trainable.
 * @param saved what an updater of the same network remembered.
 * @param available bytes of memory that it may take, or null where nobody knows.
 * Throws EquiclipError, here or in an update, when memory is too small for the batch.
 */
export async function createUpdater<N extends Trainee>(
  engine: Engine,
  network: N,
  objective: Objective<N>,
  settings: UpdateSettings,
  saved: UpdaterState | null,
  available = engine.memory === "host" ? availableMemory() : null,
): Promise<Updater<N>> {
  const need = memoryNeed(network, objective, settings, available);
  const explain = (error: unknown): never => {
    throw need.explained(error);
  };
  need.check();
  const create = updaters[engine.memory];
  const updater = await create(engine, network, objective, settings, saved).catch(explain);
  return {
    ...updater,
    update: (batches, lr, check) => updater.update(batches, lr, check).catch(explain),
  };
}
