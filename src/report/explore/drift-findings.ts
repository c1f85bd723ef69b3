/** @file What a drift study says, in plain sentences, and what to know before believing it. */
import { holm } from "../../eval/uncertainty/holm.ts";
import type { SummaryRow } from "../../explore/drift/results.ts";
import { AGES } from "../../explore/drift/similarities.ts";
import type { Comparison, DriftStatistics } from "../../explore/drift/statistics.ts";
import { count, decimal, interval, pValue, signed } from "../format.ts";
import type { Tone } from "../tables/table.ts";
import { decisive, differenceOf, isEvident } from "./tables/drift.ts";

export interface DriftFinding {
  /** Worse: the neutral prompt has an age, beyond chance. Unclear: not known. */
  readonly tone: Extract<Tone, "worse" | "unclear">;
  readonly text: string;
}

const MOST = 6;

/** Spaces in the order of the summary: what is beyond chance, or that nothing is; then categories, strongest first. */
export function driftFindings(
  summary: readonly SummaryRow[],
  statistics: DriftStatistics,
): DriftFinding[] {
  const tested = summary.filter(({ nearest }) => nearest.pValue !== null);
  const corrected = holm(tested.map(({ nearest }) => nearest.pValue!));
  return [
    ...summary.flatMap((row) => ofSpace(row, corrected[tested.indexOf(row)] ?? null, statistics)),
    ...ofCategories(statistics.byCategory, statistics.resampled === "faces"),
  ];
}

const p = (value: number): string => (value < 0.001 ? "p <0.001" : `p ${pValue(value)}`);

function ofSpace(
  { space, nearest }: SummaryRow,
  pNearest: number | null,
  { comparisons, pairs, resampled }: DriftStatistics,
): DriftFinding[] {
  const own = comparisons.filter((of) => of.space.key === space.key);
  if (own.length === 0) return [];
  const isFaces = resampled === "faces";
  const evident = own.filter(isEvident);
  const scale = pairs.find(
    ({ space: { key }, groups }) => key === space.key && groups.join() === "young,older",
  )?.mean;
  const close =
    scale == null
      ? ""
      : ` There young and older ${space.of === "texts" ? "prompts" : isFaces ? "faces" : "pictures"} are ${decimal(scale)} alike.`;
  const counted =
    isFaces || pNearest === null
      ? []
      : [
          finding(
            pNearest < 0.05 ? "worse" : "unclear",
            `In ${space.words} the nearest age is ${AGES.map((age) => `${age} for ${count(nearest.counts[age])}`).join(", ")} of ${count(AGES.reduce((sum, age) => sum + nearest.counts[age], 0))} activities (${p(pNearest)} against a third each, corrected).`,
          ),
        ];
  return evident.length > 0
    ? [
        ...evident.map((of, i) =>
          finding("worse", `${sentence(of, isFaces)}${i === 0 ? close : ""}`),
        ),
        ...counted,
      ]
    : [
        finding(
          "unclear",
          `In ${space.words} no age is nearer to the neutral ${thing(own[0]!, isFaces)} than another beyond chance (${own.map((of) => `${differenceOf(of.ages)} ${of.mean === null ? "n/a" : `${signed(of.mean)} ${interval(of.interval, signed)}`.trim()}`).join("; ")}). That is no proof that none is.`,
        ),
        ...counted,
      ];
}

const finding = (tone: DriftFinding["tone"], text: string): DriftFinding => ({ tone, text });

const thing = ({ space }: Comparison, isFaces: boolean): string =>
  space.of === "texts" || isFaces ? "prompt" : "picture";

/** "In CLIP's image space the neutral picture is nearer to young than to older: +0.031 [...], 41 of 52 activities." */
function sentence(of: Comparison, isFaces: boolean): string {
  const [first, second] = of.mean! > 0 ? of.ages : ([of.ages[1], of.ages[0]] as const);
  const [most] = of.mean! > 0 ? of.nearer : [of.nearer[1]];
  const ends = of.interval!;
  const turned = of.mean! > 0 ? ends : ([-ends[1], -ends[0]] as const);
  const where = of.category === null ? "" : `, ${of.category}:`;
  const share =
    isFaces && of.category !== null
      ? ""
      : `, ${count(most)} of ${count(of.n)} ${isFaces ? "labels" : "activities"}`;
  return `In ${of.space.words}${where} the neutral ${thing(of, isFaces)} is nearer to ${first}${isFaces ? " faces" : ""} than to ${second}${isFaces ? " ones" : ""}: ${signed(Math.abs(of.mean!))} ${interval(turned, signed)}${share} (${p(decisive(of)!.pHolm)}, corrected).`;
}

function ofCategories(byCategory: readonly Comparison[], isFaces: boolean): DriftFinding[] {
  const evident = byCategory
    .filter((of) => of.ages[0] === "young" && of.ages[1] === "older" && isEvident(of))
    .toSorted(
      (a, b) => decisive(a)!.pHolm - decisive(b)!.pHolm || Math.abs(b.mean!) - Math.abs(a.mean!),
    );
  const rest = evident.length - MOST;
  return [
    ...evident.slice(0, MOST).map((of) => finding("worse", sentence(of, isFaces))),
    ...(rest > 0
      ? [
          finding(
            "worse",
            `${count(rest)} more such ${isFaces ? "labels" : "categories"} are in the tables.`,
          ),
        ]
      : []),
  ];
}

/**
 * What limits these numbers.
 * @param templates the named set of prompts, if it is one
 */
export function driftCaveats(
  { resampled, level }: Pick<DriftStatistics, "resampled" | "level">,
  templates: string | null = null,
): string[] {
  return resampled === "faces"
    ? [
        `Intervals (${100 * level}%) tell how the numbers change with other faces of the same labels and ages; the encoder and the texts are as they are.`,
        "Ages of faces differ in more than age: in who was photographed, how, and when.",
        "A mean of faces that differ much is short, which raises its cosine with every text; the lines on single faces have no such effect.",
      ]
    : [
        `Intervals (${100 * level}%) treat the activities as a sample of what people do; that other seeds would draw other pictures is in them only as far as activities differ.`,
        "Nearest is not the age that a viewer would see: it is the encoder's view, and the encoder has an age bias of its own.",
        ...(templates === "document" || templates === "code"
          ? [
              "These prompts write 25 years-old and 75 years-old, but 45 year-old: a difference in grammar that the middle age alone has. Compare with templates: grammatical.",
            ]
          : []),
      ];
}
