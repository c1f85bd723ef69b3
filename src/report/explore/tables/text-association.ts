/** @file Texts and groups as tables: the strongest associations, and the gap of every text and group. */
import type { TextAssociation } from "../../../explore/audit/text-association.ts";
import type { SpaceResult } from "../../../explore/result.ts";
import { count, decimal, interval, pValue, signed, undefinedFor } from "../../format.ts";
import { type Cell, type Table, cell, left, right } from "../../tables/table.ts";
import { isBeyondChance } from "./audit.ts";

type Of = readonly TextAssociation[];

const MOST = 15;

/** "female, age_band 18-34": whose images, and among which. */
const groupText = ({ group, within }: TextAssociation): string =>
  within === null ? group : `${group}, ${within.attribute} ${within.group}`;

const gapOf = (of: TextAssociation): Cell =>
  of.gap.value === null
    ? cell(undefinedFor(of.gap.reason), undefined, "muted")
    : cell(
        signed(of.gap.value),
        interval(of.gap.interval, signed),
        isBeyondChance(of) ? "strong" : undefined,
      );

/** Of all rows, largest effect first. */
export function strongestTable({
  neutral,
  knowsWords,
  found,
}: NonNullable<SpaceResult["associations"]>): Table {
  const overall = ofAll(found);
  const rest = found.length - Math.min(MOST, overall.length);
  return {
    title: "Who lies nearer to which text",
    columns: [
      left("text"),
      left("images of"),
      left("against"),
      right("rows"),
      right("gap of mean cosines"),
      right("d"),
      right("p, corrected"),
    ],
    rows: overall
      .slice(0, MOST)
      .map((of) => [
        cell(of.text, undefined, "strong"),
        cell(of.group, of.attribute),
        cell(of.versus ?? "the others"),
        cell(`${count(of.rows)}, ${count(of.others)}`),
        gapOf(of),
        of.effect === null ? cell("n/a", undefined, "muted") : cell(signed(of.effect)),
        of.pHolm === null ? cell("") : cell(pValue(of.pHolm)),
      ]),
    notes: [
      "d: the gap over the standard deviation of all these cosines (the effect size of WEAT; 0.2 is small, 0.8 large). Gaps with 95% intervals (Welch); p corrected for all texts, groups and parts (Holm).",
      ...(neutral === null
        ? []
        : [`Cosines are less those with “${neutral}”, for some groups lie nearer to all texts.`]),
      ...(knowsWords
        ? []
        : [
            "This model started from random weights and saw the texts of its task alone: what it says of other words means nothing.",
          ]),
      ...(rest > 0 ? [`${count(rest)} more are in the tables by attribute.`] : []),
    ],
  };
}

/** Without those within the groups of another attribute. */
const ofAll = (found: Of): Of => found.filter(({ within }) => within === null);

/** Every text by every group of an attribute: over all rows, and within the groups of another attribute. */
export function gapTables(found: Of): Table[] {
  const attributes = [...new Set(found.map(({ attribute }) => attribute))];
  return attributes.flatMap((attribute) => {
    const own = found.filter((of) => of.attribute === attribute);
    const wheres = [...new Set(own.map(({ within }) => within?.group ?? null))];
    const whole = own.filter(({ within }) => within === null);
    const inner = own.filter(({ within }) => within !== null);
    return [
      ...(whole.length > 0 ? [gapTable(attribute, whole, ({ group }) => group)] : []),
      ...(inner.length > 0
        ? [
            gapTable(
              `${attribute} within ${inner[0]!.within!.attribute}`,
              inner.toSorted(
                (a, b) => wheres.indexOf(a.within!.group) - wheres.indexOf(b.within!.group),
              ),
              ({ group, within, versus }) =>
                versus === null ? `${group}, ${within!.group}` : within!.group,
            ),
          ]
        : []),
    ];
  });
}

function gapTable(title: string, of: Of, columnOf: (of: TextAssociation) => string): Table {
  const texts = [...new Set(of.map(({ text }) => text))];
  const columns = [...new Set(of.map(columnOf))].toSorted();
  const pair = of.find(({ versus }) => versus !== null);
  return {
    title: `Gaps of mean cosines by ${title}`,
    columns: [left("text"), ...columns.map(right)],
    rows: texts.map((text) => [
      cell(text, undefined, "strong"),
      ...columns.map((column) => {
        const found = of.find((one) => one.text === text && columnOf(one) === column);
        return found ? gapOf(found) : cell("", undefined, "muted");
      }),
    ]),
    notes: [
      ...(pair ? [`${pair.group} less ${pair.versus}.`] : ["Each group less the others."]),
      ...of
        .filter(({ gap }) => gap.note !== undefined)
        .slice(0, 1)
        .map((one) => `${one.text}, ${groupText(one)}: ${one.gap.note}.`),
    ],
  };
}

/** Strongest evidence first: sentences for associations that are beyond chance. */
export const associationSentences = (found: Of): string[] =>
  ofAll(found)
    .filter(isBeyondChance)
    .map(
      (of) =>
        `Images of ${of.group} (${of.attribute}) lie ${of.gap.value! > 0 ? "nearer to" : "further from"} “${of.text}” than those of ${of.versus ?? "the others"}: gap of mean cosines ${signed(of.gap.value!)} ${interval(of.gap.interval, signed)}, d ${decimal(of.effect!)}.`,
    );
