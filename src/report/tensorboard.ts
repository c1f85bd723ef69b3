/** @file TensorBoard event files: scalars by step, appended to the same file when a run resumes. */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { PbfWriter } from "pbf";
import { EquiclipError, messageOf } from "../run/errors.ts";
import { frame, wholeRecords } from "./tfrecord.ts";

/** Field numbers of tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 };
const SUMMARY = { value: 1 };
const VALUE = { tag: 1, simpleValue: 2 };
const SESSION_LOG = { status: 1 };
const SESSION_START = 1;
const FILE_VERSION = "brain.Event:2";

export interface EventFile {
  /**
   * Adds one event; a null (an undefined metric) is left out, since a chart has no place for its reason.
   * @param wallTime seconds since 1970
   */
  scalars(step: number, values: Readonly<Record<string, number | null>>, wallTime?: number): void;
  close(): void;
}

const event = (step: number, wallTime: number, body: (writer: PbfWriter) => void): Uint8Array => {
  const writer = new PbfWriter();
  writer.writeDoubleField(EVENT.wallTime, wallTime);
  writer.writeVarintField(EVENT.step, step);
  body(writer);
  return frame(writer.finish());
};

const writeValue = ([tag, value]: readonly [string, number], writer: PbfWriter): void => {
  writer.writeStringField(VALUE.tag, tag);
  writer.writeFloatField(VALUE.simpleValue, value);
};

const now = (): number => Date.now() / 1000;

/**
 * Opens `folder/events.out.tfevents.equiclip` for appending, and makes it if there is none. A record torn by a kill is
 * cut off. Events of `nextStep` and later, from work that the kill made undone, stay in the file but are marked as
 * superseded with a session start, which TensorBoard honours by dropping them.
 * @param nextStep the first step that will be written
 * @throws EquiclipError when the file cannot be written
 */
export function openEventFile(folder: string, nextStep: number): EventFile {
  const path = join(folder, "events.out.tfevents.equiclip");
  const file = openForAppend(path, folder);
  const write = (bytes: Uint8Array): void => {
    try {
      writeSync(file, bytes);
    } catch (cause) {
      throw new EquiclipError(`cannot write ${path}: ${messageOf(cause)}`, 1, { cause });
    }
  };
  const { length } = wholeRecords(readFileSync(path));
  ftruncateSync(file, length);
  if (length === 0)
    write(event(0, now(), (w) => w.writeStringField(EVENT.fileVersion, FILE_VERSION)));
  else
    write(
      event(nextStep, now(), (w) =>
        w.writeMessage(
          EVENT.sessionLog,
          (status, log) => log.writeVarintField(SESSION_LOG.status, status),
          SESSION_START,
        ),
      ),
    );
  return {
    scalars: (step, values, wallTime = now()) => {
      const known = Object.entries(values).filter(
        (entry): entry is [string, number] => entry[1] !== null,
      );
      write(
        event(step, wallTime, (w) =>
          w.writeMessage(
            EVENT.summary,
            (entries, summary) => {
              for (const entry of entries) summary.writeMessage(SUMMARY.value, writeValue, entry);
            },
            known,
          ),
        ),
      );
    },
    close: () => closeSync(file),
  };
}

function openForAppend(path: string, folder: string): number {
  try {
    mkdirSync(folder, { recursive: true });
    return openSync(path, "a");
  } catch (cause) {
    throw new EquiclipError(`cannot write ${path}: ${messageOf(cause)}`, 1, { cause });
  }
}
