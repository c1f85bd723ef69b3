/** @file placeholder while this command is written. */
import type { CommandModule } from "yargs";
export const evalCommand: CommandModule = { command: "eval", describe: "x", handler: () => {} };
