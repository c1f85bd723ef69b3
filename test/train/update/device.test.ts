/** @file Updates of tensors that stay with an engine: the suites of all engines, on one whose stores are copies. */
import { apart } from "../../engine/apart.ts";
import { runGoldenSuite } from "../../golden.suite.ts";
import { FLOAT32 } from "../../model/clip/tiny.ts";
import { runTrainingSuite } from "../../training.suite.ts";

runGoldenSuite(apart, FLOAT32);
runTrainingSuite(apart, 1e-4);
