/** @file docs/explore-config.md: what an exploration does, with every key of its config from the schema. */
import { ExploreConfigSchema } from "../src/run/config/explore.ts";
import { keyTable } from "../src/run/config/reference.ts";

/** The whole page. */
export const explorePage = (): string =>
  `# Explorations

Made from the schema by \`npm run docs\`; do not edit.

\`\`\`sh
equiclip explore ./pictures                                  # folder explore-pictures
equiclip explore configs/004-cluster-audit.yaml --set data.path=./UTKFace
equiclip explore configs/004-cluster-audit.yaml --set data.path=./UTKFace --set 'clusters=[{kind: kmeans, k: [2, 20]}]'
\`\`\`

An exploration turns images into embeddings by one or several encoders, and looks at each of these spaces: maps in the
plane, clusters, and how clusters, neighbours and queries are made up of groups. [The explorer](explorer.md) says how to
read it, and what was found on faces.

## Folder

| file | contents |
| --- | --- |
| \`report.html\` | the page: maps to pan, zoom, filter and lasso, and every table and chart. It opens without network |
| \`report.md\`, \`result.json\` | the same tables as text, and the machine form |
| \`charts/\` | each chart as SVG and PNG |
| \`clusters/\` | cluster and distance to its centre of every row, CSV and JSON; with \`exportImages\` a folder of images per cluster |
| \`sheets/\` | a picture of pictures per cluster |
| \`quadruplets/\` | of \`drift\`: similarities of every quadruplet and their summary as CSV, and a picture each |
| \`plan/\` | of \`audit.plan\`: rows to keep and to remove; \`keep.csv\` is a table that a config reads (\`data.source: csv\`) |
| \`embeddings/\`, \`steps/\` | what was computed, with what it was computed from |
| \`config.yaml\` | the config with every default filled in |

The same command goes on where it was stopped, and a changed config computes again what it changes; \`--fresh\` computes
everything again.

## Keys

${keyTable(ExploreConfigSchema)}
`;
