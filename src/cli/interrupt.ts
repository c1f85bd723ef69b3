/** @file What Ctrl-C and SIGTERM do: end the process at once, or let running work save itself first. */
import { EXIT } from "../run/errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Of the work that saves itself when it is interrupted, while it runs. */
let saving: AbortController | null = null;

function stop(): void {
  if (saving && !saving.signal.aborted) {
    if (process.stderr.isTTY)
      process.stderr.write("\nequiclip: saving after this step; again to stop at once\n");
    saving.abort();
    return;
  }
  // said last: a progress bar that ends clears its line
  process.once("exit", () =>
    process.stderr.write(
      "equiclip: interrupted; compare, explore and embed go on with the same command, train and study with --resume\n",
    ),
  );
  process.exit(EXIT.interrupted);
}

/** From here on an interrupt ends the process with one line and exit code 130. */
export function handleInterrupts(): void {
  for (const signal of SIGNALS) process.on(signal, stop);
}

/**
 * Runs work that, once its signal aborts, saves its state and throws. A second interrupt does not wait for it.
 */
export async function savingWhenInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  saving = controller;
  try {
    return await work(controller.signal);
  } finally {
    saving = null;
  }
}
