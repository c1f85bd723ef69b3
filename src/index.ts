/** @file The public API. What is not named here is internal and may change without notice. */

// errors and exit codes
export { EXIT, EquiclipError, type ExitCode, UsageError } from "./run/errors.ts";
export { VERSION } from "./run/version.ts";

// configs
export { type CompareConfig, CompareConfigSchema } from "./run/config/compare.ts";
export { loadCompareConfig, loadConfig, parseConfig } from "./run/config/load.ts";
export { type Config, ConfigSchema } from "./run/config/schema.ts";

// evaluation: predictions in, report out
export { type Column, encode as encodeColumn } from "./eval/counts/cells.ts";
export { compare } from "./eval/compare.ts";
export { COMPAT, type CompatDefinition } from "./eval/metrics/compat.ts";
export { type EvaluateOptions, evaluate } from "./eval/evaluate.ts";
export { type Claims, type ClassClaim, inconsistencies } from "./eval/consistency.ts";
export { CLASS_GAPS, type GapDefinition, GAPS, SCORE_GAPS } from "./eval/metrics/gaps.ts";
export type { Baseline as GateBaseline } from "./eval/gate/baseline.ts";
export { judgeReport } from "./eval/gate/judge.ts";
export { GateCheck, GateResult } from "./eval/gate/result.ts";
export { GateRules } from "./eval/gate/rules.ts";
export {
  type PredictionColumns,
  readPredictions,
  writePredictions,
} from "./eval/predictions-csv.ts";
export type { Predictions } from "./eval/predictions.ts";
export type { TableColumns } from "./eval/table/columns.ts";
export { type PredictionTable, readPredictionTable, type TableOptions } from "./eval/table/read.ts";
export { type RateDefinition, RATES } from "./eval/metrics/rates.ts";
export { SCORE_RATES, type ScoreRateDefinition } from "./eval/metrics/scores.ts";
export { Change, Comparison } from "./eval/report/comparison.ts";
export { Gap, Group, Rate } from "./eval/report/values.ts";
export { Report } from "./eval/report.ts";
export { Slice, Slices } from "./eval/report/slices.ts";
export { ReportFile } from "./eval/report-file.ts";
export { RETRIEVAL, type RetrievalDefinition } from "./eval/retrieval/metrics.ts";
export { RetrievalReport } from "./eval/retrieval/report.ts";
export { type RetrievalOptions, retrieve, type Similarities } from "./eval/retrieval/retrieve.ts";
export type { SliceOptions } from "./eval/slices/find.ts";
export { checkConstraints, type Constraint, type Check, selectEpoch } from "./eval/select.ts";

// debiasing: fit on train embeddings, apply to any
export {
  debiasClassTexts,
  type Debiaser,
  type DebiasData,
  debiasImages,
  type Prompts,
  type Sides,
} from "./debias/debiaser.ts";
export { unitRows } from "./run/linalg/embeddings.ts";
export { debiaserFromJSON, type DebiaserJson, debiaserToJSON } from "./debias/debiaser-json.ts";
export { toAffineEach as erasersToAffine } from "./debias/compose.ts";
export type { Embeddings, Train as LabelledEmbeddings } from "./debias/embeddings.ts";
export {
  type EraserJson,
  fromJSON as eraserFromJSON,
  toJSON as eraserToJSON,
} from "./debias/eraser-json.ts";
export {
  apply as applyEraser,
  type Eraser,
  type EraserMethod,
  toAffine as eraserToAffine,
  withStrength,
} from "./debias/eraser.ts";
export { type EraserName, erasers } from "./debias/erasers.ts";
export { leaceFromMoments, type LeaceOptions } from "./debias/erasers/leace.ts";
export { meansAsPrompts } from "./debias/prompts/means-as-prompts.ts";
export type { DebiasMethod, Grid as DebiasGrid } from "./debias/method.ts";
export {
  type DebiasCandidate,
  candidates as debiasCandidates,
  type DebiasOptions,
  fitDebiaser,
  methods as debiasMethods,
  type MethodName as DebiasMethodName,
} from "./debias/methods.ts";
export { mergeMoments, type Moments, momentsOf } from "./debias/erasers/moments.ts";
export { overlap as conceptOverlap, type Overlap, overlapWarning } from "./debias/overlap.ts";
export { fitThresholds, type ScoredRows, type ThresholdOptions } from "./debias/thresholds/fit.ts";
export {
  fromJSON as thresholdsFromJSON,
  type ThresholdsJson,
  toJSON as thresholdsToJSON,
} from "./debias/thresholds/json.ts";
export {
  decide as decideByThresholds,
  selectionProbability,
  type Thresholds,
} from "./debias/thresholds/thresholds.ts";
export { interpolateWeights } from "./debias/wise.ts";

// comparisons: methods x tasks x seeds on the same splits
export { type CellOutcome, type Method as ComparedMethod, runCell } from "./compare/cell.ts";
export type { EmbeddedRows } from "./compare/rows.ts";
export { partsOf, type Parts } from "./compare/splits.ts";
export { openStand, type Settings as CompareSettings, type Stand } from "./compare/stand.ts";
export { MARGIN as ACCURACY_MARGIN } from "./compare/outcome.ts";
export { summarise as summariseComparison, type TaskSummary } from "./compare/summary.ts";
export {
  type Candidate,
  type CompareTask,
  type FitContext,
  NotApplicable,
  type Output,
  type Part,
  type Recipe,
} from "./compare/recipe.ts";
export { trainingRecipes } from "./compare/recipes/training.ts";
export {
  ATTRIBUTE_METRICS,
  BASE as BASE_METHOD,
  BETTER,
  CompareCell,
  CompareResult,
  OVERALL_METRICS,
  PROTOTYPE as PROTOTYPE_METHOD,
} from "./compare/result.ts";

// probes: what can be told from embeddings
export {
  fitLogistic,
  type LogisticModel,
  type LogisticOptions,
  logits as logisticLogits,
  predict as predictLogistic,
  probabilities as logisticProbabilities,
} from "./eval/probes/logistic.ts";
export { leakage, type LeakageOptions, utility } from "./eval/probes/leakage.ts";
export type { ProbeName } from "./eval/probes/probes.ts";
export type { ProbeScore, UtilityScore } from "./eval/probes/score.ts";

// data: labelled rows, their audit, splits and balance
export { type Audit, auditManifest, withClusters } from "./data/audit.ts";
export { applyPlan, type BalancePlan, balancePlan } from "./data/balance.ts";
export { type Caption, genderOf } from "./data/captions/caption.ts";
export { drawCaptions } from "./data/captions/draw.ts";
export { type CaptionSet, readCaptions } from "./data/captions/read.ts";
export { matchedTexts, swapper } from "./data/captions/swap.ts";
export { readCsv, writeCsv } from "./data/csv.ts";
export { readFolder } from "./data/folder.ts";
export type { Manifest, Rejected, Row, Split } from "./data/row.ts";
export { foldRows, type SplitPlan, splitRows } from "./data/split.ts";
export { makeSyntheticFaces } from "./data/synthetic.ts";
export { readUtkface } from "./data/utkface.ts";

// embeddings of any model, from files
export { readEmbeddings, writeEmbeddings } from "./embed/embedding-file.ts";
export type { EmbeddingChoice, EmbeddingFile } from "./embed/format.ts";
export { type JoinBy, type JoinedRows, joinManifest } from "./embed/join.ts";

// pixels: a file to what a vision tower is fed
export { decodeImage } from "./data/decode.ts";
export { pixelNormalizer, type Preprocess, resizeAndCrop } from "./data/preprocess.ts";
export type { Raster } from "./data/raster.ts";

// CLIP: Hugging Face folders in and out, towers as graphs
export { type ClipModel, type LoadOptions, loadClip, saveClip } from "./model/folder.ts";
export type { ImageProcessor } from "./model/image-processor.ts";
export { loadTokenizer, type TokenBatch, type Tokenizer } from "./model/tokenizer.ts";
export type { Weight, Weights } from "./model/weights.ts";
export type { ClipConfig } from "./model/clip/config.ts";
export { type AffineMap, foldMap } from "./model/clip/fold.ts";
export type { TowerOutput } from "./model/clip/encoder.ts";
export { type Layers, plainLayers } from "./model/clip/layers.ts";
export { eosRows, textTower } from "./model/clip/text.ts";
export { imageTower } from "./model/clip/vision.ts";

// convolutional networks: architectures as data, their graphs, folders, weights to start from
export { type HeadTarget, classes, number } from "./model/cnn/architectures.ts";
export type { CnnConfig, Head } from "./model/cnn/config.ts";
export { loadCnn, saveCnn } from "./model/cnn/folder.ts";
export {
  type CnnGraph,
  type CnnMode,
  type DropoutMask,
  above,
  classLogits,
  cnnGraph,
  penalty,
} from "./model/cnn/graph.ts";
export { type CnnModel, type CnnOptions, cnnModel } from "./model/cnn/model.ts";
export { cnnBuffers, cnnParams } from "./model/cnn/params.ts";
export { type Started, startFrom } from "./model/cnn/start-from.ts";
export { type NetworkSummary, summarize } from "./model/cnn/summary.ts";

// graphs, gradients and engines; `graph` holds the functions that build nodes
export type { Engine, Program, Tensor, Tensors } from "./engine/engine.ts";
export { onnxEngine } from "./engine/onnx/engine.ts";
export { reference as referenceEngine } from "./engine/reference.ts";
export { tfjsEngine } from "./engine/tfjs/engine.ts";
export { grad } from "./graph/autodiff.ts";
export * as graph from "./graph/build.ts";
export type { DType, Node, OpName, Shape } from "./graph/node.ts";
export { print as printGraph } from "./graph/print.ts";
export { verify as verifyGraph } from "./graph/verify.ts";

// parts of training
export { type DfrOptions, type DfrRows, fitDfr } from "./train/dfr.ts";
export { contrastive, crossEntropy } from "./train/losses.ts";
export { type AdversarySettings, adversaryTerm } from "./train/fairness/adversary.ts";
export type { Aggregate } from "./train/fairness/aggregate.ts";
export { demographicParity } from "./train/fairness/demographic-parity.ts";
export { equalizedOdds } from "./train/fairness/equalized-odds.ts";
export { type GroupDroSettings, groupDroTerm } from "./train/fairness/group-dro.ts";
export { type HsicSettings, hsicTerm } from "./train/fairness/hsic.ts";
export { type SoftRate, softRateTerm } from "./train/fairness/soft-rates.ts";
export type { Classified, Groups, Loss, LossTerm } from "./train/fairness/term.ts";
export { type HeadSettings, type LabelledRows, trainHead } from "./train/head/train.ts";
export { type Classifier, probabilities as classProbabilities } from "./train/classifier.ts";
export {
  createOptimizer,
  type Optimizer,
  type OptimizerConfig,
  type OptimizerState,
} from "./train/update/optimizer.ts";
export { learningRate, type Schedule } from "./train/schedules.ts";
export { engineMoments } from "./train/moments.ts";

// embedding spaces: maps, clusters, borders, audits; all of plain arrays
export { fitTsne } from "./explore/map/tsne.ts";
export { fitUmap } from "./explore/map/umap.ts";
export { fitPca } from "./explore/map/pca.ts";
export type { FittedMap } from "./explore/map/map.ts";
export { trustworthiness } from "./explore/map/trustworthiness.ts";
export { nearestNeighbours } from "./explore/neighbours.ts";
export { nearDuplicates as nearDuplicateEmbeddings } from "./explore/near-duplicates.ts";
export type { Clustering } from "./explore/cluster/clustering.ts";
export { kMeans } from "./explore/cluster/kmeans.ts";
export { chooseK } from "./explore/cluster/choose-k.ts";
export { dbscan } from "./explore/cluster/dbscan.ts";
export { kDistance } from "./explore/cluster/k-distance.ts";
export { silhouette, daviesBouldin } from "./explore/cluster/silhouette.ts";
export { agreement } from "./explore/cluster/agreement.ts";
export { fitSvm } from "./explore/border/svm.ts";
export { heldOut as heldOutBorders } from "./explore/border/held-out.ts";
export { recognition } from "./explore/recognition.ts";
export { robustness } from "./explore/robustness.ts";
export type { Grouping } from "./explore/grouping.ts";
export { clusterGroups } from "./explore/audit/cluster-groups.ts";
export { dominance } from "./explore/audit/dominance.ts";
export { correctedShares } from "./explore/audit/predicted.ts";
export { captionWords } from "./explore/audit/captions.ts";
export { clusterChange } from "./explore/audit/change.ts";
export { rebalancingPlan } from "./explore/audit/plan.ts";
export type { ExploreResult } from "./explore/result.ts";

// reports: one plain value in, text out
export { cellsCsv, summaryCsv } from "./report/compare/csv.ts";
export { compareMarkdown } from "./report/compare/markdown.ts";
export { compareHtml } from "./report/compare/page.ts";
export type { CompareRun } from "./report/compare/model.ts";
export { compareText } from "./report/compare/text.ts";
export { gateAnnotations } from "./report/gate/annotations.ts";
export { gateJunit } from "./report/gate/junit.ts";
export { gateMarkdown } from "./report/gate/markdown.ts";
export { gateText } from "./report/gate/text.ts";
export { reportHtml } from "./report/html/page.ts";
export { reportMarkdown } from "./report/markdown.ts";
export type { RunReport } from "./report/model.ts";
export { reportText } from "./report/terminal/print.ts";
export { type Terminal, terminalOf } from "./report/terminal/terminal.ts";
