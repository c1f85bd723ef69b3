/** @file How images are augmented over the epochs of a run. */
import type { AugmentConfig } from "../../data/augment.ts";
import type { Config } from "../../run/config/schema.ts";

const changes = ({ flip, rotate, crop, shift, brightness, contrast, blur, noise }: AugmentConfig) =>
  [flip, rotate, crop, shift, brightness, contrast, blur, noise].some((limit) => limit > 0);

/** The epoch whose augmentation is used in an epoch; null for unchanged images. */
export function augmentedAs({ augment }: Pick<Config, "augment">, epoch: number): number | null {
  if (!changes(augment)) return null;
  return augment.variants === 0 ? epoch : epoch % augment.variants;
}

/** The different augmentations of a run; null when every epoch has its own. */
export function variantsOf(config: Config): readonly (number | null)[] | null {
  const { augment, train } = config;
  if (changes(augment) && augment.variants === 0) return null;
  const count = Math.min(train.epochs, Math.max(1, augment.variants));
  return [...new Set(Array.from({ length: count }, (_, epoch) => augmentedAs(config, epoch)))];
}
