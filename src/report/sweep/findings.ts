/** @file What a sweep shows, in plain sentences: why the study's subspace misses, what its axis does, what helps. */
import type { SweepResult, SweepSide } from "../../debias/sweep/result.ts";
import type { Change } from "../../eval/report/comparison.ts";
import { decimal, interval, percent, signed } from "../format.ts";
import type { Tone } from "../tables/table.ts";
import { named } from "../words.ts";
import { CORRECTED, PUBLISHED, fitOf, gapName, settingText } from "./model.ts";

interface SweepFinding {
  readonly tone: Extract<Tone, "better" | "worse" | "unclear" | "muted">;
  readonly text: string;
}

export const sweepFindings = (result: SweepResult): SweepFinding[] => [
  ...signalFinding(result),
  ...varianceFinding(result),
  ...axisFindings(result),
  ...chosenFinding(result),
  ...result.notes.map((text): SweepFinding => ({ tone: "muted", text })),
];

/** Below this share of what matched pairs hold, a direction has missed the difference. */
const MISSED = 0.5;

/** The printed reason why per-class centring leaves the signal, where it does. */
function signalFinding(result: SweepResult): SweepFinding[] {
  const [published, corrected] = [PUBLISHED, CORRECTED].map(
    (of) => fitOf(result, of).image.signal?.[0],
  );
  if (published === undefined || corrected === undefined) return [];
  const missed = published < MISSED * corrected;
  return [
    {
      tone: missed ? "worse" : "unclear",
      text: `Centring each class on its own mean takes the difference between the class means away before the PCA looks. Of the length of that difference, the first direction found so holds ${decimal(published)}; the first direction of matched pairs holds ${decimal(corrected)}. ${
        missed
          ? `That is why ${named(result.attribute)} stays.`
          : `Here the classes of ${named(result.attribute)} differ along what varies most within them too, so it is found all the same.`
      }`,
    },
  ];
}

/** Why so many directions are no removal of an attribute: what they hold is nearly everything. */
function varianceFinding(result: SweepResult): SweepFinding[] {
  const setting = sideOf(result, "the study, as published")?.setting;
  const corrected = fitOf(result, CORRECTED).image;
  if (!setting) return [];
  const { share } = fitOf(result, PUBLISHED).image;
  return [
    {
      tone: "worse",
      text: `The study took as many directions as hold about all of the variance. Here ${setting.k} of ${share.length} hold ${percent(sum(share.slice(0, setting.k)))} of it: removing them leaves ${percent(sum(share.slice(setting.k)))} of what tells rows apart, whatever it is. Of matched pairs the first direction alone holds ${percent(corrected.share[0]!)} of what differs within them.`,
    },
  ];
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const sideOf = ({ sides }: SweepResult, name: string): SweepSide | undefined =>
  sides.find((side) => side.name === name);

function axisFindings(result: SweepResult): SweepFinding[] {
  const most = Math.max(...result.axis.map(({ changed }) => changed));
  const alone = result.axis.find(({ batch }) => batch === 1);
  const overTexts = Math.max(...result.axis.map(({ changedOverTexts }) => changedOverTexts));
  const [images, texts] = ["the study at alpha 1", "the study at alpha 1, softmax over texts"].map(
    (name) => sideOf(result, name)?.validation.accuracy,
  );
  return [
    {
      tone: "worse",
      text: `Softmax over the images of a batch, as the study had it, makes predictions depend on the batch: up to ${percent(most)} of them change with its size or order${alone ? `, and alone in a batch ${percent(alone.firstClass)} of the faces are ${named(result.classes[0]!)}` : ""}. Over the texts ${overTexts === 0 ? "none changes" : `${percent(overTexts)} change`}.`,
    },
    ...(images != null && texts != null
      ? [
          {
            tone: "unclear" as const,
            text: `At alpha 1 the study saw its classes inverted. Here its setting has accuracy ${decimal(images)} over the images of a batch and ${decimal(texts)} over the texts on validation.`,
          },
        ]
      : []),
  ];
}

function chosenFinding(result: SweepResult): SweepFinding[] {
  const { chosen, gap } = result;
  const after = sideOf(result, "corrected, chosen on validation");
  if (!after) return [];
  const { change } = after.test;
  const told = (what: string, value: number | null, of: Change | undefined): string =>
    `${what} ${value === null ? "n/a" : decimal(value)}${of?.value == null ? "" : ` (${[signed(of.value), interval(of.interval, signed)].filter(Boolean).join(" ")})`}`;
  const isBetter = change?.gap.verdict === "better" && change.accuracy.verdict !== "worse";
  const isWorse = change?.gap.verdict === "worse" || change?.accuracy.verdict === "worse";
  return [
    {
      tone: isBetter ? "better" : isWorse ? "worse" : "unclear",
      text: `Corrected (matched pairs, images and texts apart), validation chose ${settingText(chosen.setting)}${chosen.feasible ? "" : `, though nothing kept ${gapName(result)} to ${gap.limit} there`}. On test, against nothing removed: ${told("accuracy", after.test.accuracy.value, change?.accuracy)}, ${told(gapName(result), after.test.gap.value, change?.gap)}.`,
    },
  ];
}
