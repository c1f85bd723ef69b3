/** @file Work begun before it is asked for. */

/**
 * What `load` makes of each item, in order. While one is used, the next `depth` are being loaded, and no more.
 * @throws what `load` throws, when it is that item's turn
 */
export async function* ahead<Item, Loaded>(
  items: readonly Item[],
  depth: number,
  load: (item: Item) => Promise<Loaded>,
): AsyncGenerator<Loaded, void, void> {
  const begun: Promise<Loaded>[] = [];
  let next = 0;
  for (let i = 0; i < items.length; i++) {
    for (; next < items.length && next <= i + depth; next++) {
      const loading = load(items[next]!);
      loading.catch(() => {}); // thrown when awaited
      begun.push(loading);
    }
    yield await begun.shift()!;
  }
}
