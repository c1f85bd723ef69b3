/** @file Tables of embedding spaces: maps and their quality, clusterings, neighbours, borders, robustness. */
import type { ClusteringResult, ExploreResult, SpaceResult } from "../../../explore/result.ts";
import { count, decimal, percent, undefinedFor } from "../../format.ts";
import { type Cell, type Table, cell, left, right } from "../../tables/table.ts";

const none = (reason: string | null): Cell =>
  cell(undefinedFor(reason ?? undefined), undefined, "muted");
/** Encoders that there are, and those that cannot be had. */
export const encoderTable = ({ spaces, absent }: ExploreResult): Table => ({
  title: "Encoders",
  columns: [left("encoder"), right("rows"), right("numbers"), left("from")],
  rows: [
    ...spaces.map(({ name, rows, d, about }) => [
      cell(name),
      cell(count(rows)),
      cell(count(d)),
      cell(aboutOf(about)),
    ]),
    ...absent.map(({ encoder, reason }) => [
      cell(encoder),
      cell("n/a", undefined, "muted"),
      cell("n/a", undefined, "muted"),
      cell(`cannot be had: ${reason}`, undefined, "muted"),
    ]),
  ],
  notes: [],
});

const aboutOf = (about: Readonly<Record<string, string>>): string =>
  Object.entries(about)
    .filter(([, value]) => !value.startsWith("{")) // preprocessing, as result.json has it
    .map(([name, value]) =>
      /sha256/.test(name) ? `${name} ${value.slice(0, 12)}` : `${name} ${value}`,
    )
    .join(", ")
    .slice(0, 160);

/** How far each map can be trusted. */
export function mapTable({ spaces }: ExploreResult): Table | null {
  const rows = spaces.flatMap(({ name, maps }) =>
    maps.map((map) => {
      const { value, k, queries, note } = map.trustworthiness;
      return [
        cell(name),
        cell(map.name, settingsOf(map.settings)),
        value === null
          ? none(note)
          : cell(
              decimal(value),
              `k ${k}${queries < Number.MAX_SAFE_INTEGER ? `, ${count(queries)} rows` : ""}`,
            ),
        map.kl === null ? cell("") : cell(decimal(map.kl)),
        cell(map.explained ? map.explained.map(percent).join(" + ") : ""),
      ];
    }),
  );
  return rows.length === 0
    ? null
    : {
        title: "Maps",
        columns: [
          left("encoder"),
          left("map"),
          right("trustworthiness"),
          right("KL"),
          right("variance on its axes"),
        ],
        rows,
        notes: spaces.flatMap(({ name, maps }) =>
          maps.flatMap((map) => map.notes.map((note) => `${name}, ${map.name}: ${note}`)),
        ),
      };
}

const settingsOf = (settings: Readonly<Record<string, number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(", ");

/** Every clustering of every space, and how far it agrees with each attribute. */
export function clusteringTable({ spaces, groups }: ExploreResult): Table | null {
  const found = spaces.flatMap(({ name, clusterings }) =>
    clusterings.map((clustering) => ({ name, clustering })),
  );
  if (found.length === 0) return null;
  return {
    title: "Clusterings",
    columns: [
      left("encoder"),
      left("clusters"),
      right("number"),
      right("noise"),
      right("silhouette"),
      ...groups.map(({ attribute }) => right(`ARI, NMI with ${attribute}`)),
    ],
    rows: found.map(({ name, clustering }) => [
      cell(name),
      cell(clustering.name, settingsOf(clustering.settings)),
      cell(count(clustering.clusters)),
      cell(count(clustering.noise)),
      silhouetteCell(clustering),
      ...groups.map(({ attribute }) => agreementCell(clustering, attribute)),
    ]),
    notes: [
      "ARI, adjusted Rand index: 0 is as much agreement as chance gives, 1 is the same groups. NMI, normalised mutual information: 0 to 1, and above 0 by chance where clusters are many.",
      ...found.flatMap(({ name, clustering }) =>
        clustering.notes.map((note) => `${name}, ${clustering.name}: ${note}`),
      ),
    ],
  };
}

const silhouetteCell = ({ silhouette: { mean, reason, sampled, rows } }: ClusteringResult): Cell =>
  mean === null ? none(reason) : cell(decimal(mean), sampled ? `of ${count(rows)} rows` : "");

function agreementCell({ agreement }: ClusteringResult, attribute: string): Cell {
  const found = agreement.find((of) => of.attribute === attribute);
  if (!found) return cell("");
  const { ari, nmi, reason, purity } = found;
  if (ari === null || nmi === null) return none(reason);
  return cell(
    `${decimal(ari)}, ${decimal(nmi)}`,
    purity === null ? "" : `purity ${decimal(purity)}`,
  );
}

/** Near-duplicates by embedding. */
export function duplicateTable({ spaces }: ExploreResult): Table {
  return {
    title: "Near-duplicates",
    columns: [
      left("encoder"),
      right("cosine at least"),
      right("groups"),
      right("superfluous rows"),
      right("largest group"),
    ],
    rows: spaces.map(({ name, duplicates: { cosine, groups, rate } }) => {
      const largest = groups.toSorted((a, b) => b.length - a.length)[0] ?? [];
      return [
        cell(name),
        cell(String(cosine)),
        cell(count(groups.length)),
        cell(percent(rate)),
        cell(largest.length > 0 ? `${count(largest.length)} rows` : "none"),
      ];
    }),
    notes: [
      "What is a duplicate depends on the encoder: where all cosines are high, a limit of 0.95 joins rows that differ.",
    ],
  };
}

/** How alike rows are, of few rows. */
export function cosineTable({ name, cosines }: SpaceResult, ids: readonly string[]): Table | null {
  if (!cosines || cosines.length > 8) return null;
  return {
    title: `Cosines, ${name}`,
    columns: [left("image"), ...ids.map((id) => right(id))],
    rows: cosines.map((row, i) => [
      cell(ids[i]!),
      ...row.map((value) => (value === null ? none("a row of zeros") : cell(decimal(value)))),
    ]),
    notes: [],
  };
}

/** The rows most alike to each of some; each is most alike to itself, which is left out. */
export const alikeTable = ({ name, alike }: SpaceResult): Table | null =>
  alike.length === 0
    ? null
    : {
        title: `Most alike, ${name}`,
        columns: [left("image"), left("most alike first")],
        rows: alike.map(({ id, rows }) => [
          cell(id),
          cell(
            rows
              .filter((row) => row.id !== id)
              .map((row) => `${row.id} ${decimal(row.cosine)}`)
              .join(", "),
          ),
        ]),
        notes: [],
      };

/** Whether what was claimed of pictures holds. */
export function claimTable({ spaces }: ExploreResult): Table | null {
  const rows = spaces.flatMap(({ name, claims }) =>
    claims.map(({ near, holds, cosine, closest, reason }) => [
      cell(name),
      cell(`${near.join(" and ")} are more alike than the others`),
      holds === null
        ? none(reason)
        : cell(holds ? "holds" : "does not hold", undefined, holds ? "met" : "broken"),
      cosine === null ? none(reason) : cell(decimal(cosine)),
      closest ? cell(decimal(closest.cosine), closest.pair.join(" and ")) : cell(""),
    ]),
  );
  return rows.length === 0
    ? null
    : {
        title: "Claims",
        columns: [
          left("encoder"),
          left("claim"),
          left("verdict"),
          right("their cosine"),
          right("closest of the others"),
        ],
        rows,
        notes: ["By cosines in all dimensions."],
      };
}

/** Clusterings of the same rows in two spaces. */
export const agreementTable = ({ changes }: ExploreResult): Table | null =>
  changes.length === 0
    ? null
    : {
        title: "Do two spaces cluster alike?",
        columns: [left("clusters"), left("spaces"), right("ARI"), right("NMI")],
        rows: changes.map(({ clustering, before, after, agreement: { ari, nmi, reason } }) => [
          cell(clustering),
          cell(`${before}, ${after}`),
          ari === null ? none(reason) : cell(decimal(ari)),
          nmi === null ? none(reason) : cell(decimal(nmi)),
        ]),
        notes: [
          "ARI, adjusted Rand index: 0 is as much agreement as chance gives, 1 the same clusters.",
        ],
      };
