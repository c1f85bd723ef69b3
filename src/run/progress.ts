/** @file Progress of long work: a bar with rate and ETA on a terminal's stderr, silence elsewhere. */
import cliProgress from "cli-progress";

export interface Progress {
  /** Starts a bar of `total` items; `done` of them are behind already. Ends the one before. */
  start(label: string, total: number, done?: number): void;
  /** Sets how many items are done, and a note such as the current loss. */
  update(done: number, note?: string): void;
  stop(): void;
}

export const silent: Progress = { start() {}, update() {}, stop() {} };

/** Items per second, to three digits. */
const rate = (perSecond: number): string =>
  perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toPrecision(3);

/** A bar when `stream` is a terminal, else `silent`. */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return silent;
  let bar: cliProgress.SingleBar | null = null;
  let from = 0;
  let since = 0;
  const stop = (): void => {
    bar?.stop();
    bar = null;
  };
  process.on("exit", stop); // the cursor comes back however the process ends
  return {
    start(label, total, done = 0) {
      stop();
      from = done;
      since = performance.now();
      bar = new cliProgress.SingleBar(
        {
          stream,
          format: `${label} {bar} {percentage}% {value}/{total} | {rate}/s | ETA {eta_formatted} {note}`,
          etaBuffer: 100,
          hideCursor: true,
          gracefulExit: false, // it would swallow the first Ctrl-C
          clearOnComplete: true,
        },
        cliProgress.Presets.shades_classic,
      );
      bar.start(total, done, { rate: "-", note: "" });
    },
    update(done, note = "") {
      const seconds = (performance.now() - since) / 1000;
      bar?.update(done, { rate: seconds > 0 ? rate((done - from) / seconds) : "-", note });
    },
    stop,
  };
}
