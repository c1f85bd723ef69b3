import { defineConfig } from "vitest/config";

const results = process.env["EQUICLIP_TEST_RESULTS"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.slow.test.ts"],
    globalSetup: ["test/cache-folder.ts", "test/built.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // two at a time: onnxruntime's own threads share the cores
    maxWorkers: 2,
    reporters: results ? ["default", ["json", { outputFile: results }]] : ["default"],
  },
});
