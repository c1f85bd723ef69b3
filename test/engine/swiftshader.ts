/** @file A GPU in software, for tests: SwiftShader as Debian's chromium package ships it. */
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";

const LOADER = "/usr/lib/chromium/libvulkan.so.1";
const DRIVER = "/usr/lib/chromium/vk_swiftshader_icd.json";
/** Of glibc: what was loaded stays so when Node, which finds no addon in it, closes it again. */
const RTLD_NODELETE = 0x1000;

/**
 * Makes this process' Vulkan the software one. Call it before anything opens a GPU.
 * @returns why there is none, or null
 */
export function useSoftwareGpu(): string | null {
  const lacking = [LOADER, DRIVER].find((path) => !existsSync(path));
  if (lacking !== undefined) return `no ${lacking}: apt install chromium`;
  process.env["VK_ICD_FILENAMES"] = DRIVER;
  process.env["XDG_RUNTIME_DIR"] ??= "/tmp";
  process.env["LD_LIBRARY_PATH"] = dirname(LOADER); // of processes that this one starts
  try {
    process.dlopen({ exports: {} }, LOADER, constants.dlopen.RTLD_LAZY | RTLD_NODELETE);
  } catch {
    // it is no addon, as expected; the library is loaded
  }
  return null;
}
