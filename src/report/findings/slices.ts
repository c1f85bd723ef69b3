/** @file Slices in words: the intersections that are worse off than everyone else. */
import type { Report } from "../../eval/report.ts";
import type { Slice } from "../../eval/report/slices.ts";
import { count } from "../format.ts";
import { type Finding, finding } from "./finding.ts";
import { list, named, ofClass, rateWords, valueText, writer } from "../words.ts";

/** "race indian and age_band 0-2". */
const sliceName = ({ where }: Pick<Slice, "where">): string =>
  list(Object.entries(where).map(([attribute, value]) => `${named(attribute)} ${named(value)}`));

function sliceText({ rate, of, rest, ...slice }: Slice): string {
  const write = writer(of.value ?? 0, rest.value ?? 0);
  return [
    `${rateWords(rate)}${ofClass(slice.class)} is ${valueText(of, write)}`,
    `for ${sliceName(slice)} (${count(of.support)} rows),`,
    rest.value === null ? "undefined for the rest" : `${write(rest.value)} for the rest`,
  ].join(" ");
}

const SHOWN = 3;

export function slices(report: Report): Finding[] {
  const of = report.slices;
  if (!of) return [];
  const { found, tested, skipped, unlisted, minSupport } = of;
  const attributes = list(of.attributes.map(named), 6);
  const more = found.length - SHOWN + unlisted;
  if (found.length === 0)
    return [
      finding(
        "open",
        "unclear",
        `None of ${count(tested)} rates tested in slices of ${attributes} is evidently worse than that of the rest${skipped > 0 ? `; ${count(skipped)} more have fewer than ${count(minSupport)} rows and may be` : ""}.`,
      ),
    ];
  const [worst] = found;
  return [
    finding(
      "slice",
      "worse",
      `Worst of ${count(tested)} rates tested in slices of ${attributes}: ${found.slice(0, SHOWN).map(sliceText).join("; ")}${more > 0 ? `; and ${count(more)} more` : ""}.`,
      Math.abs(worst?.difference.value ?? 0),
    ),
  ];
}
