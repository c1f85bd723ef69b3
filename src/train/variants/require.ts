/** @file Whether the methods of a config suit its data and model: known before training, not after. */
import { methods } from "../../debias/methods.ts";
import type { Row } from "../../data/row.ts";
import { kindOf } from "../../model/model.ts";
import type { Config } from "../../run/config/schema.ts";
import { UsageError } from "../../run/errors.ts";
import { type Task, singleAttributes } from "../predict.ts";
import { removedAttributes } from "./attributes.ts";
import { variantMethods } from "./methods.ts";

/** A run is measured long after training, by when the folder that it started from may be gone. */
function isNetwork(from: string): boolean {
  try {
    return kindOf(from) === "cnn";
  } catch {
    return false; // before training, whoever loads it says why
  }
}

/**
 * Throws UsageError when an attribute cannot be removed from train rows, or a method asks for what the model or the
 * target does not have.
 */
export function requireVariants(config: Config, task: Task, train: readonly Row[]): void {
  const { debias, model } = config;
  if (debias.methods.length === 0) return;
  for (const name of removedAttributes(debias, task)) requireRemovable(name, task, train);
  const textless = isNetwork(model.from) ? "network" : "probe";
  const hasNoTexts = textless === "network" || model.trainable.kind === "probe";
  const { sides } = debias;
  if (hasNoTexts && sides !== undefined && sides !== "image")
    throw new UsageError(
      `debias.sides: ${sides} asks for class texts, which a ${textless} does not have; leave it out, or choose another model`,
    );
  for (const name of debias.methods) {
    const { needs } = variantMethods[name];
    if (needs === "texts" && hasNoTexts)
      throw new UsageError(
        `debias.methods: ${name} needs class texts, which a ${textless} does not have; leave it out, or choose another model`,
      );
    if (needs === "a binary target" && task.positive === null)
      throw new UsageError(
        `debias.methods: ${name} needs a target of two classes, ${task.target} has ${task.classes.length}; leave it out`,
      );
    const fixed = Object.hasOwn(methods, name) && methods[name as keyof typeof methods];
    if (sides !== undefined && fixed && fixed.fixedSides && fixed.sides !== sides)
      throw new UsageError(
        `debias.sides: ${name} changes ${fixed.sides} embeddings alone, received ${sides}; leave sides or the method out`,
      );
  }
}

function requireRemovable(
  attribute: string,
  { target, attributes }: Task,
  train: readonly Row[],
): void {
  const instead = "choose another sensitive attribute, or set debias.methods to []";
  if (attribute === target)
    throw new UsageError(
      `debias.attribute: ${target} is what is predicted, so erasing it leaves nothing; ${instead}`,
    );
  const measured = singleAttributes(attributes);
  if (!measured.includes(attribute))
    throw new UsageError(
      `debias.attribute: ${attribute} is not measured, so nothing would show what erasing it does; add it to data.sensitive, or choose one of ${measured.join(", ")}`,
    );
  const [value, ...others] = new Set(train.map((row) => row.labels[attribute]));
  if (others.length === 0)
    throw new UsageError(
      `debias.attribute: every row of train has ${attribute}=${value}, so there is nothing to tell it by; ${instead}`,
    );
}
