/** @file What is asked of every space of an exploration. */
import type { ExploreConfig } from "../../run/config/explore.ts";
import type { Progress } from "../../run/progress.ts";
import type { Against } from "./clusters.ts";
import type { Steps } from "./steps.ts";

/** What is asked for of each space, and what its rows are held against; both are of all rows. */
export interface Question {
  readonly config: ExploreConfig;
  readonly ids: readonly string[];
  /** Null where there are no files of images. */
  readonly paths: readonly string[] | null;
  readonly against: Omit<Against, "names">;
  readonly steps: Steps;
  readonly progress: Progress;
}
