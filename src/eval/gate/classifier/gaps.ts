/** @file Rules on gaps between groups. */
import { gapDefinition } from "../../metrics/gaps.ts";
import { checkDirection } from "../direction.ts";
import { attributesOf, lookUp } from "../lookup.ts";
import { type Family, footingsOf, groupIn } from "./family.ts";

export const gaps: Family = {
  title: "gaps",
  names: ({ view }) => [
    ...new Set(Object.values(view.attributes).flatMap((of) => Object.keys(of.gaps))),
  ],
  sites: (scene, rule, complain) => {
    const { metric } = rule;
    const definition = gapDefinition(metric);
    if (!definition) {
      complain(
        ["metric"],
        `this version does not know what ${metric} rests on; measure again with it`,
      );
      return [];
    }
    checkDirection(definition, rule, complain);
    if (rule.groups)
      complain(["groups"], `${metric} is between all groups of an attribute; leave groups out`);
    const attributes =
      attributesOf(scene.view.attributes, rule, complain) ?? Object.entries(scene.view.attributes);
    return attributes.flatMap(([attribute, { groups, gaps: of }]) => {
      const gap = lookUp(of, metric, `gap by ${attribute}`, ["metric"], complain);
      if (!gap) return [];
      const footings = Object.keys(groups).flatMap((group) =>
        definition.rates.flatMap((rate) =>
          footingsOf(scene, rate, group, groupIn(attribute, group)),
        ),
      );
      return [{ metric, attribute, group: null, class: scene.class, estimate: gap, footings }];
    });
  },
};
