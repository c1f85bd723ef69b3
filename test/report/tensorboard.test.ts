/** @file Event files: framing by the published test vectors, torn tails, and TensorBoard's own reader. */
import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { EquiclipError } from "../../src/run/errors.ts";
import { openEventFile } from "../../src/report/tensorboard.ts";
import { crc32c, frame, wholeRecords } from "../../src/report/tfrecord.ts";
import { python } from "../golden.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-tensorboard-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const newFolder = (): string => mkdtempSync(join(root, "run-"));
const eventPath = (folder: string): string => join(folder, readdirSync(folder)[0]!);

describe("TFRecord framing", () => {
  it("computes CRC-32C as RFC 3720 lists it", () => {
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  });

  it("reads back what it framed, and any cut keeps exactly the whole records", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (payloads, where) => {
          const bytes = Buffer.concat(payloads.map(frame));
          const cut = Math.floor(where * bytes.length);
          const ends = payloads.map(
            (_, i) => Buffer.concat(payloads.slice(0, i + 1).map(frame)).length,
          );
          const whole = ends.filter((end) => end <= cut).length;
          const read = wholeRecords(bytes.subarray(0, cut));
          expect(read.records.map((r) => [...r])).toEqual(
            payloads.slice(0, whole).map((p) => [...p]),
          );
          expect(read.length).toBe(ends[whole - 1] ?? 0);
        },
      ),
    );
  });

  it("stops at a flipped bit", () => {
    const bytes = Buffer.concat([frame(Uint8Array.of(1, 2)), frame(Uint8Array.of(3, 4))]);
    for (let at = 18; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1;
      expect(wholeRecords(damaged).records).toHaveLength(1);
    }
  });
});

/** A run killed in the middle of writing step 7, resumed from step 5, finished at step 9. */
function killedAndResumed(): string {
  const folder = newFolder();
  const first = openEventFile(folder, 0);
  for (let step = 0; step < 8; step++)
    first.scalars(
      step,
      { "train/loss": step / 8, "eo.max": step === 2 ? null : 0.5 },
      1_000 + step,
    );
  first.close();
  const path = eventPath(folder);
  truncateSync(path, readFileSync(path).length - 5);
  const second = openEventFile(folder, 5);
  for (let step = 5; step < 10; step++) second.scalars(step, { "train/loss": -step }, 2_000 + step);
  second.close();
  return folder;
}

describe("event file", () => {
  it("cuts a torn record, whatever its length, and goes on in the same file", () => {
    const folder = killedAndResumed();
    const bytes = readFileSync(eventPath(folder));
    const { records, length } = wholeRecords(bytes);
    expect(length).toBe(bytes.length);
    // version, steps 0..6, session start, steps 5..9
    expect(records).toHaveLength(1 + 7 + 1 + 5);
    for (const size of [1, 11, 15, 20]) {
      const torn = newFolder();
      writeFileSync(join(torn, "events.out.tfevents.equiclip"), bytes.subarray(0, size));
      openEventFile(torn, 0).close();
      expect(wholeRecords(readFileSync(eventPath(torn))).records).toHaveLength(1);
    }
  });

  it("names the file when it cannot be written", () => {
    const file = join(newFolder(), "taken");
    writeFileSync(file, "");
    expect(() => openEventFile(join(file, "tensorboard"), 0)).toThrow(EquiclipError);
    expect(() => openEventFile(join(file, "tensorboard"), 0)).toThrow(/cannot write .*tfevents/);
  });

  it.skipIf(!python)(
    "is read by TensorBoard, superseded steps left out (needs EQUICLIP_PYTHON)",
    () => {
      const script = [
        "import json, sys",
        "from tensorboard.backend.event_processing.event_accumulator import EventAccumulator",
        "acc = EventAccumulator(sys.argv[1]).Reload()",
        "print(json.dumps({t: [[e.step, e.value, e.wall_time] for e in acc.Scalars(t)] for t in acc.Tags()['scalars']}))",
      ].join("\n");
      const out = execFileSync(python!, ["-c", script, killedAndResumed()], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      const steps = Array.from({ length: 10 }, (_, step) =>
        step < 5 ? [step, step / 8, 1_000 + step] : [step, -step, 2_000 + step],
      );
      expect(JSON.parse(out)).toEqual({
        "train/loss": steps,
        "eo.max": [0, 1, 3, 4].map((step) => [step, 0.5, 1_000 + step]),
      });
    },
  );
});
