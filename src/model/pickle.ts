/**
 * @file A pickle reader that can build tensors and nothing else. It knows the opcodes that `torch.save` emits and calls only
 * the functions it is given by name, so a hostile file is refused, never executed.
 * Opcodes: CPython's Lib/pickletools.py; the list is that of torch/_weights_only_unpickler.py plus protocol 4's framing.
 */

/** A Python callable or type by its full name, as a value. */
export class Global {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** What the reader may call, by full Python name; and what a persistent id (a storage) stands for. */
export interface PickleWorld {
  readonly callables: Readonly<Record<string, (args: readonly unknown[]) => unknown>>;
  /** Globals that are only passed around, such as `torch.FloatStorage`. */
  readonly isType: (name: string) => boolean;
  readonly load: (persistentId: unknown) => unknown;
  /** An error of the file at hand. */
  readonly refuse: (reason: string) => Error;
}

const MARK = Symbol("mark");

interface Machine {
  readonly world: PickleWorld;
  readonly bytes: DataView;
  position: number;
  readonly stack: unknown[];
  readonly memo: Map<number, unknown>;
}

function take(m: Machine, length: number): number {
  const at = m.position;
  if (length < 0 || at + length > m.bytes.byteLength)
    throw m.world.refuse("its pickle is cut short");
  m.position += length;
  return at;
}
const u8 = (m: Machine): number => m.bytes.getUint8(take(m, 1));
const u16 = (m: Machine): number => m.bytes.getUint16(take(m, 2), true);
const i32 = (m: Machine): number => m.bytes.getInt32(take(m, 4), true);
const u32 = (m: Machine): number => m.bytes.getUint32(take(m, 4), true);

function text(m: Machine, length: number): string {
  const at = take(m, length);
  return Buffer.from(m.bytes.buffer, m.bytes.byteOffset + at, length).toString("utf8");
}
function line(m: Machine): string {
  let end = m.position;
  while (end < m.bytes.byteLength && m.bytes.getUint8(end) !== 0x0a) end++;
  const found = text(m, end - m.position);
  take(m, 1);
  return found;
}

/** Little-endian two's complement. */
function long(m: Machine, length: number): number | bigint {
  let value = 0n;
  const at = take(m, length);
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(m.bytes.getUint8(at + i));
  value = BigInt.asIntN(8 * length, value);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function pop(m: Machine): unknown {
  if (m.stack.length === 0) throw m.world.refuse("its pickle takes from an empty stack");
  return m.stack.pop();
}
/** Everything above the last mark, which goes too. */
function popMark(m: Machine): unknown[] {
  const at = m.stack.lastIndexOf(MARK);
  if (at < 0) throw m.world.refuse("its pickle has no mark to go back to");
  const items = m.stack.splice(at);
  return items.slice(1);
}
const popTuple = (m: Machine, size: number): unknown[] =>
  Array.from({ length: size }, () => pop(m)).reverse();

const top = (m: Machine): unknown => m.stack.at(-1);

function setItems(m: Machine, items: readonly unknown[]): void {
  const target = top(m);
  if (!(target instanceof Map))
    throw m.world.refuse("its pickle sets items of something not a dict");
  for (let i = 0; i + 1 < items.length; i += 2) target.set(items[i], items[i + 1]);
}
function append(m: Machine, items: readonly unknown[]): void {
  const target = top(m);
  if (!Array.isArray(target)) throw m.world.refuse("its pickle appends to something not a list");
  for (const item of items) target.push(item);
}

function pushGlobal(m: Machine, name: string): void {
  if (!Object.hasOwn(m.world.callables, name) && !m.world.isType(name))
    throw m.world.refuse(`its pickle names ${name}, which is no part of a tensor`);
  m.stack.push(new Global(name));
}
function call(m: Machine, callable: unknown, args: unknown): void {
  const found = callable instanceof Global ? m.world.callables[callable.name] : undefined;
  if (!found || !Array.isArray(args))
    throw m.world.refuse("its pickle calls something that is no function of a tensor");
  m.stack.push(found(args));
}
function recall(m: Machine, index: number): void {
  if (!m.memo.has(index)) throw m.world.refuse(`its pickle recalls ${index}, never stored`);
  m.stack.push(m.memo.get(index));
}

const push = (value: (m: Machine) => unknown) => (m: Machine) => void m.stack.push(value(m));
const store = (index: (m: Machine) => number) => (m: Machine) => void m.memo.set(index(m), top(m));

/** By byte; STOP (".") ends the loop and is not here. */
const OPCODES: Readonly<Record<string, (m: Machine) => void>> = {
  // framing
  "\x80": u8, // PROTO
  "\x95": (m) => void take(m, 8), // FRAME
  // values
  N: push(() => null),
  "\x88": push(() => true),
  "\x89": push(() => false),
  K: push(u8), // BININT1
  M: push(u16), // BININT2
  J: push(i32), // BININT
  "\x8a": push((m) => long(m, u8(m))), // LONG1
  G: push((m) => m.bytes.getFloat64(take(m, 8), false)), // BINFLOAT
  X: push((m) => text(m, u32(m))), // BINUNICODE
  "\x8c": push((m) => text(m, u8(m))), // SHORT_BINUNICODE
  U: push((m) => text(m, u8(m))), // SHORT_BINSTRING
  // containers
  "(": push(() => MARK),
  ")": push(() => []),
  "]": push(() => []),
  "}": push(() => new Map()),
  t: (m) => void m.stack.push(popMark(m)), // TUPLE
  l: (m) => void m.stack.push(popMark(m)), // LIST
  "\x85": push((m) => popTuple(m, 1)),
  "\x86": push((m) => popTuple(m, 2)),
  "\x87": push((m) => popTuple(m, 3)),
  s: (m) => setItems(m, popTuple(m, 2)), // SETITEM
  u: (m) => setItems(m, popMark(m)), // SETITEMS
  a: (m) => append(m, popTuple(m, 1)), // APPEND
  e: (m) => append(m, popMark(m)), // APPENDS
  "0": (m) => void pop(m),
  // memory
  q: store(u8), // BINPUT
  r: store(u32), // LONG_BINPUT
  "\x94": store((m) => m.memo.size), // MEMOIZE
  h: (m) => recall(m, u8(m)), // BINGET
  j: (m) => recall(m, u32(m)), // LONG_BINGET
  // names and calls
  c: (m) => pushGlobal(m, `${line(m)}.${line(m)}`), // GLOBAL
  "\x93": (m) => pushGlobal(m, popTuple(m, 2).join(".")), // STACK_GLOBAL
  R: (m) => {
    const [callable, args] = popTuple(m, 2); // REDUCE
    call(m, callable, args);
  },
  Q: push((m) => m.world.load(pop(m))), // BINPERSID
  b: (m) => void pop(m), // BUILD: attributes of a dict (`_metadata` of a state dict), not needed
};

/** The object that one pickle describes (dicts are Maps, tuples and lists arrays), and the offset after its end. */
export function readPickle(
  bytes: Uint8Array,
  world: PickleWorld,
): { readonly value: unknown; readonly end: number } {
  const m: Machine = {
    world,
    bytes: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    position: 0,
    stack: [],
    memo: new Map(),
  };
  for (;;) {
    const opcode = String.fromCharCode(u8(m));
    if (opcode === ".") return { value: pop(m), end: m.position };
    const run = OPCODES[opcode];
    if (!run)
      throw world.refuse(
        `its pickle uses opcode 0x${opcode.charCodeAt(0).toString(16)}, which no tensor needs`,
      );
    run(m);
  }
}
