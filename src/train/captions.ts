/** @file The caption of a row, for contrastive training. */
import type { Row } from "../data/row.ts";
import { UsageError } from "../run/errors.ts";

/**
 * Fills the labels of a row into a template: `a photo of a {race} {gender} person.`
 * Throws UsageError for a name in braces that the row has no label or number for.
 */
export const fillCaption = (template: string, { id, labels, numbers }: Row): string =>
  template.replace(/\{([^{}]+)\}/g, (_braces, name: string) => {
    const value = labels[name] ?? numbers[name];
    if (value !== undefined) return String(value);
    const known = [...Object.keys(labels), ...Object.keys(numbers)].join(", ");
    throw new UsageError(
      `train.caption: {${name}}: ${id} has no such label; expected one of ${known}`,
    );
  });
