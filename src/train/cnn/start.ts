/** @file The convolutional network that a training starts from. */
import type { Row } from "../../data/row.ts";
import { loadCnn } from "../../model/cnn/folder.ts";
import { type CnnModel, cnnConfig, cnnModel } from "../../model/cnn/model.ts";
import { type Started, startFrom } from "../../model/cnn/start-from.ts";
import { classesOf } from "../../model/cnn/shapes.ts";
import { parseReference } from "../../model/reference.ts";
import type { Config } from "../../run/config/schema.ts";
import { UsageError } from "../../run/errors.ts";
import type { Task } from "../predict.ts";
import { headsOf } from "./outputs.ts";

/** Keys of a network that is made anew; a folder's has its own. */
const OF_NEW_ONES: readonly (readonly [string, (model: Config["model"]) => boolean])[] = [
  ["model.imageSize", ({ imageSize }) => imageSize !== undefined],
  ["model.weights", ({ weights }) => weights !== undefined],
  ["model.compat", ({ compat }) => compat.length > 0],
];

/**
 * What can be known without rows. Throws UsageError for an architecture or a flaw that does not exist, keys that a
 * folder's network has no use for, and a loss that does not suit the target.
 */
export function checkStart({ model, data }: Config): void {
  const { imageSize: size, compat, outputs } = model;
  const loss = outputs[data.target]?.loss ?? "cross-entropy";
  if (loss !== "cross-entropy")
    throw new UsageError(
      `model.outputs.${data.target}.loss: expected cross-entropy for the target, received ${loss}`,
    );
  const reference = parseReference(model.from);
  if (reference.kind === "cnn") {
    const heads = { [data.target]: { kind: "classes", classes: 2 } } as const;
    cnnConfig({ architecture: reference.name, heads, size, compat });
    return;
  }
  const stray = OF_NEW_ONES.find(([, isSet]) => isSet(model));
  if (stray)
    throw new UsageError(
      `${stray[0]}: belongs to a new network (cnn:NAME), and model.from (${model.from}) is a folder that has its own; leave it out`,
    );
}

/** What was taken of a file, and what keeps its random start. */
function takenText(path: string, { taken, kept, unused }: Started): string {
  const few = (names: readonly string[]): string =>
    names.length > 3 ? `${names.slice(0, 3).join(", ")}, ...` : names.join(", ");
  return [
    `${path}: took ${taken.tensors} tensors (${(taken.numbers / 1e6).toFixed(1)} million numbers)`,
    ...(kept.length > 0
      ? [`${kept.length} start at random (${few(kept.map(({ name }) => name))})`]
      : []),
    ...(unused.length > 0 ? [`${unused.length} of the file have no place (${few(unused)})`] : []),
  ].join("; ");
}

/**
 * A network of an architecture with heads for a task and the outputs beside it, or the one that a folder holds.
 * @param rows of all splits. @param say is told what starting weights gave.
 * Throws UsageError where a folder's network does not tell the task's classes.
 */
export async function startCnn(
  { model, seed }: Config,
  task: Task,
  rows: readonly Row[],
  say: (line: string) => void,
): Promise<CnnModel> {
  const { imageSize: size, compat, outputs } = model;
  const reference = parseReference(model.from);
  if (reference.kind === "cnn") {
    const architecture = reference.name;
    const heads = headsOf(architecture, task, Object.keys(outputs), rows);
    const fresh = cnnModel({ architecture, heads, size, compat, seed });
    if (model.weights === undefined) return fresh;
    const started = await startFrom(fresh, model.weights);
    say(takenText(model.weights, started));
    return started.model;
  }
  const loaded = await loadCnn(reference.kind === "folder" ? reference.path : model.from);
  const head = loaded.config.heads[task.target];
  const told = head ? classesOf(head) : null;
  if (told !== task.classes.length)
    throw new UsageError(
      `${model.from}: the network ${head ? `tells ${told ?? "a number, no"} classes` : "has no head"} of ${task.target}, expected ${task.classes.length} classes (${task.classes.join(", ")}); take one that was trained for them, or start from cnn:${loaded.config.architecture}`,
    );
  return loaded;
}
