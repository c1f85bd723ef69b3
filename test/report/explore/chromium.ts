/** @file A page in headless Chromium, driven over a pipe (--remote-debugging-pipe), without a library. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";

export const hasChromium = (): boolean => {
  try {
    execFileSync("chromium", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--hide-scrollbars",
  "--remote-debugging-pipe",
];

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

type Parameters = Readonly<Record<string, unknown>>;
type Button = "none" | "left";

export interface Tab {
  /** Console messages, exceptions and what policies blocked. */
  readonly logged: string[];
  /** Addresses asked for, but for the page and data. */
  readonly fetched: string[];
  /** The value of an expression in the page. */
  read<T>(expression: string): Promise<T>;
  mouse(type: string, x: number, y: number, more?: Parameters): Promise<void>;
  click(x: number, y: number, modifiers?: number): Promise<void>;
  /** Presses at the first point, goes along all, lets go at the last. */
  drag(points: readonly (readonly [number, number])[], modifiers?: number): Promise<void>;
  key(key: string): Promise<void>;
  send(method: string, params?: Parameters): Promise<unknown>;
  screenshot(file: string): Promise<void>;
}

export interface Chromium {
  open(html: string, width: number, height: number, isDark?: boolean): Promise<Tab>;
  close(): Promise<void>;
}

export function startChromium(): Chromium {
  const work = mkdtempSync(join(tmpdir(), "equiclip-chromium-"));
  const browser: ChildProcess = spawn(
    "chromium",
    [...FLAGS, `--user-data-dir=${join(work, "profile")}`, "about:blank"],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const input = browser.stdio[3] as Writable;
  const output = browser.stdio[4] as Readable;
  const pending = new Map<number, (message: Message) => void>();
  const listeners = new Map<string, (message: Message) => void>();
  let last = 0;
  let rest = Buffer.alloc(0);
  output.on("data", (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const message = JSON.parse(rest.subarray(0, end).toString()) as Message & {
        readonly sessionId?: string;
      };
      rest = rest.subarray(end + 1);
      if (message.id === undefined) listeners.get(message.sessionId ?? "")?.(message);
      else pending.get(message.id)?.(message);
    }
  });

  function send(method: string, params: Parameters, sessionId?: string): Promise<unknown> {
    const id = ++last;
    return new Promise((resolve, reject) => {
      pending.set(id, ({ result, error }) => {
        pending.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
      input.write(
        `${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`,
      );
    });
  }

  let pages = 0;
  async function open(html: string, width: number, height: number, isDark = false): Promise<Tab> {
    const file = join(work, `${++pages}.html`);
    writeFileSync(file, html);
    const { targetId } = (await send("Target.createTarget", { url: "about:blank" })) as {
      targetId: string;
    };
    const { sessionId } = (await send("Target.attachToTarget", { targetId, flatten: true })) as {
      sessionId: string;
    };
    const call = (method: string, params: Parameters = {}) => send(method, params, sessionId);
    const logged: string[] = [];
    const fetched: string[] = [];
    const address = pathToFileURL(file).href;
    let loaded = (): void => {};
    const isLoaded = new Promise<void>((resolve) => (loaded = resolve));
    const hear: Readonly<Record<string, (params: Parameters) => void>> = {
      "Runtime.consoleAPICalled": (params) => logged.push(JSON.stringify(params["args"])),
      "Runtime.exceptionThrown": (params) =>
        logged.push(JSON.stringify(params["exceptionDetails"])),
      "Log.entryAdded": (params) => {
        const entry = JSON.stringify(params["entry"]);
        // what the tests themselves do: they read pixels
        if (!entry.includes("Multiple readback operations using getImageData")) logged.push(entry);
      },
      "Network.requestWillBeSent": (params) => {
        const { url } = params["request"] as { url: string };
        if (url !== address && !url.startsWith("data:")) fetched.push(url);
      },
      "Page.loadEventFired": () => loaded(),
    };
    listeners.set(sessionId, ({ method, params }) => hear[method!]?.(params ?? {}));
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await call(`${domain}.enable`);
    await call("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await call("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: isDark ? "dark" : "light" }],
    });
    await call("Page.navigate", { url: address });
    await isLoaded;

    const read = async <T>(expression: string): Promise<T> => {
      const { result, exceptionDetails } = (await call("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
      })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string } } };
      if (exceptionDetails)
        throw new Error(exceptionDetails.exception?.description ?? `${expression} failed`);
      return result.value;
    };
    /** Until what was asked is drawn. */
    const settle = () =>
      read("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    const mouse = async (type: string, x: number, y: number, more: Parameters = {}) => {
      await call("Input.dispatchMouseEvent", { type, x, y, ...more });
      await settle();
    };
    const held = (button: Button, modifiers: number) => ({
      button,
      buttons: button === "left" ? 1 : 0,
      clickCount: 1,
      modifiers,
    });
    const drag = async (points: readonly (readonly [number, number])[], modifiers = 0) => {
      const [first, ...others] = points;
      await mouse("mousePressed", ...first!, held("left", modifiers));
      for (const point of others) await mouse("mouseMoved", ...point, held("left", modifiers));
      await mouse("mouseReleased", ...points.at(-1)!, { ...held("left", modifiers), buttons: 0 });
    };
    await settle(); // the first picture is drawn in a frame of its own
    return {
      logged,
      fetched,
      read,
      mouse,
      drag,
      click: (x, y, modifiers = 0) => drag([[x, y]], modifiers),
      async key(key) {
        await call("Input.dispatchKeyEvent", { type: "keyDown", key });
        await call("Input.dispatchKeyEvent", { type: "keyUp", key });
        await settle();
      },
      send: call,
      async screenshot(path) {
        const { data } = (await call("Page.captureScreenshot", { format: "png" })) as {
          data: string;
        };
        writeFileSync(path, Buffer.from(data, "base64"));
      },
    };
  }

  return {
    open,
    async close() {
      const isGone = new Promise((resolve) => browser.once("exit", resolve));
      await send("Browser.close", {}).catch(() => browser.kill());
      await isGone;
      rmSync(work, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
