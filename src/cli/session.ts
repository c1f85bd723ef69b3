/** @file What commands share: the engine of a config, the model it names, and stopping on Ctrl-C. */
import { onnxEngine } from "../engine/onnx/engine.ts";
import type { Engine } from "../engine/engine.ts";
import { reference } from "../engine/reference.ts";
import { type ClipModel, loadClip } from "../model/folder.ts";
import type { Config } from "../run/config/schema.ts";
import { EXIT } from "../run/errors.ts";
import type { Progress } from "../run/progress.ts";

const ENGINES: { readonly [E in Config["engine"]]: (config: Config) => Engine } = {
  onnx: ({ threads }) => onnxEngine(threads === undefined ? {} : { threads }),
  reference: () => reference,
};
export const engineOf = (config: Config): Engine => ENGINES[config.engine](config);

/** The model that a config starts from. */
export async function modelOf({ model, seed }: Config, progress: Progress): Promise<ClipModel> {
  let started = false;
  const onProgress = (received: number, total: number): void => {
    if (!started) progress.start(`downloading ${model.from}`, total);
    started = true;
    progress.update(received);
  };
  try {
    return await loadClip(model.from, { seed, hub: { revision: model.revision, onProgress } });
  } finally {
    progress.stop();
  }
}

/**
 * Runs `work` with a signal that Ctrl-C aborts. Work that saves its state when aborted says so with `guard(true)`;
 * outside of it, or at the second Ctrl-C, the process ends at once.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal, guard: (saving: boolean) => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let saving = false;
  const stop = (): void => {
    if (!saving || controller.signal.aborted) {
      process.stderr.write("equiclip: interrupted; what was saved is kept, go on with --resume\n");
      process.exit(EXIT.interrupted);
    }
    process.stderr.write("\nequiclip: stopping after this step (again to stop at once)\n");
    controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work(controller.signal, (on) => (saving = on));
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
