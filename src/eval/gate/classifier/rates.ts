/** @file Rules on rates and scores of all rows or of groups. */
import { RATE_NAMES } from "../../metrics/rates.ts";
import { attributesOf, lookUp } from "../lookup.ts";
import { type Family, footingsOf, type Found, groupIn, type GroupIn, rateOf } from "./family.ts";

export const rates: Family = {
  title: "rates",
  names: ({ view }) => [...RATE_NAMES, ...Object.keys(view.overall.scores ?? {})],
  sites: (scene, rule, complain) => {
    const { metric } = rule;
    const site = (attribute: string | null, group: string | null, of: GroupIn): Found[] => {
      const rate = rateOf(of(scene.view), metric);
      if (!rate) return [];
      const { class: ofClass, report } = scene;
      const ofSeveral = ofClass === null && report.positive === null;
      // of several classes, balanced accuracy is the mean recall
      const part = ofSeveral && metric === "balancedAccuracy" ? "tpr" : metric;
      const footings = footingsOf(scene, part, group, of);
      return [{ metric, attribute, group, class: ofClass, estimate: rate, footings }];
    };
    const attributes = attributesOf(scene.view.attributes, rule, complain);
    if (!attributes) return site(null, null, ({ overall }) => overall);
    return attributes.flatMap(([attribute, { groups }]) => {
      const named = rule.groups ?? Object.keys(groups);
      return named.flatMap((group, i) =>
        lookUp(groups, group, `group of ${attribute}`, ["groups", i], complain)
          ? site(attribute, group, groupIn(attribute, group))
          : [],
      );
    });
  },
};
