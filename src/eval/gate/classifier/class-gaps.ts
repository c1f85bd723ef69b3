/** @file Rules on gaps between the target's classes. */
import { CLASS_GAPS, type ClassGapName, type GapDefinition } from "../../metrics/gaps.ts";
import type { RateName } from "../../metrics/rates.ts";
import type { Rate } from "../../report/values.ts";
import type { Report } from "../../report.ts";
import { judgedClassGaps } from "../../select.ts";
import { checkDirection } from "../direction.ts";
import { type Family, footing } from "./family.ts";

export const classGaps: Family = {
  title: "gaps between classes",
  names: ({ report, class: ofClass }) =>
    ofClass === null ? Object.keys(judgedClassGaps(report)) : [],
  sites: ({ report }, rule, complain) => {
    const { metric } = rule;
    const definition: GapDefinition<RateName> = CLASS_GAPS[metric as ClassGapName];
    checkDirection(definition, rule, complain);
    for (const key of ["attribute", "attributes", "groups"] as const)
      if (rule[key] !== undefined)
        complain(
          [key],
          `${metric} is between the target's classes, not between groups; leave ${key} out`,
        );
    const excluded = report.classGaps.excluding?.classes ?? [];
    const footings = report.classes
      .filter((name) => !excluded.includes(name))
      .flatMap((name) =>
        definition.rates.map((rate) => footing(classRate(report, name, rate), rate, null, name)),
      );
    const estimate = judgedClassGaps(report)[metric]!;
    return [{ metric, attribute: null, group: null, class: null, estimate, footings }];
  },
};

/** Of two classes only one is measured; the other's rates are these of it. */
const OF_THE_OTHER: Partial<Record<RateName, RateName>> = { tpr: "tnr", fpr: "fnr" };

const classRate = (report: Report, name: string, rate: RateName): Rate | undefined =>
  Object.hasOwn(report.perClass, name)
    ? report.perClass[name]!.overall[rate]
    : report.overall[name === report.positive ? rate : (OF_THE_OTHER[rate] ?? rate)];
