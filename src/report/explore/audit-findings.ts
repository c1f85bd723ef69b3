/** @file What an audit of clusters says, in plain sentences: what is over-represented where, and how sure that is. */
import type { CaptionWords } from "../../explore/audit/captions.ts";
import { WORD_LISTS, type WordList } from "../../explore/audit/captions.ts";
import type { Changed, ClusterChange } from "../../explore/audit/change.ts";
import type { ClusterGroups } from "../../explore/audit/cluster-groups.ts";
import { CONTROLS, type ControlAudit } from "../../explore/audit/controls.ts";
import type { QueryChange } from "../../explore/audit/query-change.ts";
import type { Dominance } from "../../explore/audit/dominance.ts";
import type { Estimate } from "../../eval/report/values.ts";
import { count, decimal, interval, percent, pValue, signed, some } from "../format.ts";
import type { Tone } from "../tables/table.ts";
import { type ClusterLabel, byNumber, isBeyondChance } from "./tables/audit.ts";

/** What there is; parts that were not made are left out. */
export interface AuditNumbers {
  readonly tables: readonly ClusterGroups[];
  readonly dominance: Dominance;
  readonly controls?: ControlAudit | null;
  /** Of clusters. */
  readonly captions?: CaptionWords | null;
  readonly changes?: readonly ClusterChange[];
  readonly queryChanges?: readonly QueryChange[];
}

/** Worse: evidence that groups lie apart. Unclear: cannot be told. Muted: nothing was found, or nothing was said. */
export interface AuditFinding {
  readonly tone: Extract<Tone, "worse" | "unclear" | "muted">;
  readonly text: string;
}
const worse = (text: string): AuditFinding => ({ tone: "worse", text });
const unclear = (text: string): AuditFinding => ({ tone: "unclear", text });
const muted = (text: string): AuditFinding => ({ tone: "muted", text });

const MOST = 5;

/** At most so many, and how many more there are. */
const first = (all: readonly AuditFinding[]): AuditFinding[] =>
  all.length > MOST
    ? [...all.slice(0, MOST), muted(`${all.length - MOST} more are in the tables.`)]
    : [...all];

/** "p < 0.001" or "p = 0.012". */
const p = (value: number | null): string =>
  value === null ? "" : value < 0.001 ? "p < 0.001" : `p = ${pValue(value)}`;

/** Strongest evidence first in each part. */
export function auditFindings(
  { tables, dominance, controls, captions, changes = [], queryChanges = [] }: AuditNumbers,
  label: ClusterLabel = byNumber,
): AuditFinding[] {
  return [
    ...tables.flatMap(followed),
    ...(controls ? first(style(controls, label)) : []),
    ...first(dominated(dominance, tables, label)),
    ...(captions ? first(spoken(captions, label)) : []),
    ...changes.map(changed),
    ...first(queryChanges.map(foundFirst)),
  ];
}

function dominated(
  { flags, limits }: Dominance,
  tables: readonly ClusterGroups[],
  label: ClusterLabel,
): AuditFinding[] {
  if (flags.length === 0) {
    const clusters = tables.flatMap((table) => table.clusters);
    if (clusters.length === 0) return [];
    return clusters.every(({ rows }) => rows < limits.minSize)
      ? [
          unclear(
            `No cluster has ${count(limits.minSize)} rows with a label or more, below which none is flagged: whether a group dominates one cannot be told.`,
          ),
        ]
      : [
          muted(
            `No cluster of ${count(limits.minSize)} rows or more is dominated by a group of ${some(tables.map(({ attribute }) => attribute))} beyond what chance explains. That is no proof that none is.`,
          ),
        ];
  }
  return flags.map((flag) => {
    const by = tables.find(({ attribute }) => attribute === flag.attribute)?.predicted;
    const told = by ? `, told by ${by.model}` : "";
    return worse(
      `Cluster ${label(flag.cluster)}: ${percent(flag.share.value!)} of its ${count(flag.size)} rows are ${flag.group} (${flag.attribute}${told}), of all rows ${percent(flag.overall)}: ${decimal(flag.lift.value!)} times as many ${interval(flag.lift.interval)}, ${p(flag.pHolm)} after correction for all cells.`,
    );
  });
}

function followed({ attribute, association: of, predicted }: ClusterGroups): AuditFinding[] {
  const { value, interval: ends } = of.cramersVCorrected;
  if (value === null || of.pHolm === null)
    return [unclear(`Whether clusters follow ${attribute} cannot be told: ${of.reason}.`)];
  const told = predicted ? `, as told by ${predicted.model},` : "";
  const numbers = `Cramer's V ${decimal(value)} ${interval(ends)}, ${p(of.pHolm)}`;
  return [
    of.pHolm <= 0.05
      ? worse(
          `Clusters follow ${attribute}${told} more than chance does: ${numbers}; they explain ${percent(of.explained!)} of its variance.`,
        )
      : unclear(`That clusters follow ${attribute}${told} cannot be told from chance: ${numbers}.`),
  ];
}

function style({ flags, overall }: ControlAudit, label: ClusterLabel): AuditFinding[] {
  const top = overall[0];
  const sentences = flags.map(
    ({ cluster, looks, control, mean, restMean, strength, pHolm, size }) =>
      `Cluster ${label(cluster)} (${count(size)} rows) is ${looks}, style rather than content: mean ${CONTROLS[control].label} ${decimal(mean!)} beside ${decimal(restMean!)} of the others (delta ${decimal(strength!)}, ${p(pHolm)}), which sets it apart more than any group.`,
  );
  const leads =
    top && top.kind === "control" && top.explained !== null && isBeyondChance(top)
      ? [
          `Clusters follow ${top.name} more than any group: they explain ${percent(top.explained)} of its variance (${p(top.pHolm)}).`,
        ]
      : [];
  return [...leads, ...sentences].map(worse);
}

function spoken({ groups, reason }: CaptionWords, label: ClusterLabel): AuditFinding[] {
  if (reason !== null) return [muted(`Captions say nothing of clusters: ${reason}.`)];
  const lists = Object.keys(WORD_LISTS) as WordList[];
  return groups
    .flatMap((of, c) =>
      lists.flatMap((list) => {
        const { share, rest, pHolm } = of.lists[list];
        if (!isBeyondChance({ pHolm }) || share.value === null || rest.value === null) return [];
        const more = share.value > rest.value ? "more" : "fewer";
        return [
          {
            pHolm: pHolm!,
            text: `Cluster ${label(c)}: ${percent(share.value)} of its ${count(of.captions)} captions have ${WORD_LISTS[list].label}, ${more} than the ${percent(rest.value)} of the others (${p(pHolm)}).`,
          },
        ];
      }),
    )
    .toSorted((a, b) => a.pHolm - b.pHolm)
    .map(({ text }) => worse(text));
}

/** "no change beyond chance", or which way. */
const verdictOf = ({ value, interval: ends }: Estimate, less: string, more: string): string =>
  ends === null || (ends[0] <= 0 && ends[1] >= 0)
    ? "no change beyond chance"
    : value! < 0
      ? less
      : more;

/** More of it is worse, less is no evidence against anybody. */
const toneOf = ({ interval: ends }: Estimate): AuditFinding["tone"] =>
  ends && ends[0] > 0 ? "worse" : ends && ends[1] < 0 ? "muted" : "unclear";

const sides = ({ before, after, change }: Changed): string =>
  `${decimal(before.value!)} and ${decimal(after.value!)}, a change of ${signed(change.value!)} ${interval(change.interval, signed)}`;

function changed({ attribute, measures: { cramersV: of } }: ClusterChange): AuditFinding {
  if (of.change.value === null)
    return unclear(`Before and after by ${attribute}: cannot be told, ${of.change.reason}.`);
  const verdict = verdictOf(of.change, "clusters follow it less", "clusters follow it more");
  return {
    tone: toneOf(of.change),
    text: `Before and after by ${attribute}: ${verdict}; Cramer's V, bias-corrected, ${sides(of)}.`,
  };
}

function foundFirst({ query, attribute, k, maxSkew: of }: QueryChange): AuditFinding {
  if (of.change.value === null)
    return unclear(
      `${query}, before and after by ${attribute}: cannot be told, ${of.change.reason}.`,
    );
  const verdict = verdictOf(
    of.change,
    "who is found first is more even",
    "who is found first is less even",
  );
  return {
    tone: toneOf(of.change),
    text: `${query}, before and after by ${attribute}: ${verdict}; largest skew among the first ${count(k)}, ${sides(of)}.`,
  };
}
