/** @file Rules on a group's rates against those of the reference group. */
import { RATE_NAMES, type RateName } from "../../metrics/rates.ts";
import type { Against } from "../../report/reference.ts";
import type { Estimate } from "../../report/values.ts";
import { attributesOf, lookUp } from "../lookup.ts";
import { type Family, footingsOf, type Found, groupIn } from "./family.ts";

interface Form {
  readonly rates: readonly RateName[];
  readonly of: (against: Against) => Estimate;
}

/** Every number of a comparison, by the name that rules call it: `reference.tpr.ratio`. */
const FORMS: Readonly<Record<string, Form>> = Object.fromEntries([
  ...RATE_NAMES.flatMap((rate) =>
    (["difference", "ratio"] as const).map((form): [string, Form] => [
      `reference.${rate}.${form}`,
      { rates: [rate], of: ({ rates }) => rates[rate][form] },
    ]),
  ),
  ...(["averageOdds", "averageAbsoluteOdds"] as const).map((form): [string, Form] => [
    `reference.${form}`,
    { rates: ["tpr", "fpr"], of: (all) => all[form] },
  ]),
]);

export const against: Family = {
  title: "rates against a reference group's",
  names: ({ view }) =>
    Object.values(view.attributes).some(({ reference }) => reference) ? Object.keys(FORMS) : [],
  sites: (scene, rule, complain) => {
    const { metric } = rule;
    const { rates, of } = FORMS[metric]!;
    const all = Object.fromEntries(
      Object.entries(scene.view.attributes).flatMap(([name, { reference }]) =>
        reference ? [[name, reference]] : [],
      ),
    );
    const attributes = attributesOf(all, rule, complain, "attribute with a reference group");
    return (attributes ?? Object.entries(all)).flatMap(([attribute, { group: base, groups }]) =>
      (rule.groups ?? Object.keys(groups)).flatMap((group, i): Found[] => {
        const what = `group of ${attribute} beside ${base}`;
        const found = lookUp(groups, group, what, ["groups", i], complain);
        if (!found) return [];
        const footings = [group, base].flatMap((one) =>
          rates.flatMap((rate) => footingsOf(scene, rate, one, groupIn(attribute, one))),
        );
        return [{ metric, attribute, group, class: scene.class, estimate: of(found), footings }];
      }),
    );
  },
};
