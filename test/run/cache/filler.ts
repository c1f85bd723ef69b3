/** @file Fills a cache in a process of its own: FOLDER NAME FROM TO writes rows FROM to TO, a shard each few. */
import { openCache } from "../../../src/run/cache/cache.ts";
import { ABOUT, ROW, keyOf, rowOf } from "./rows.ts";

const [folder, from, to] = process.argv.slice(2);
const cache = openCache({ folder: folder!, limit: 1e9, warn: (line) => console.error(line) });
for (let first = Number(from); first < Number(to); first += 10) {
  const table = await cache.table(ABOUT, ROW);
  for (let i = first; i < Math.min(first + 10, Number(to)); i++)
    await table.write(keyOf(i), rowOf(i));
  await table.close();
}
