// src → aivastark/web/dashboard. The same input gives the same bytes: nothing in a name depends on where or when.
import react from "@vitejs/plugin-react";
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const API = process.env.AIVASTARK ?? "http://127.0.0.1:8080";
const FOR_THE_API = ["/v1", "/widget.js", "/widget/", "/docs", "/openapi.json"];

export default defineConfig({
  root: here("."),
  plugins: [react()],
  resolve: {
    // Radix locks scrolling through this package, which writes a <style> element: our policy allows none.
    alias: { "react-style-singleton": here("src/design/sheet.ts") },
  },
  css: {
    modules: {
      generateScopedName: (name, file, css) =>
        `${basename(file).split(".")[0]}_${name}_${createHash("sha256").update(css).digest("hex").slice(0, 4)}`,
    },
  },
  build: {
    outDir: process.env.DASHBOARD_OUT ?? here("../../aivastark/web/dashboard"),
    emptyOutDir: true,
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        chunkFileNames: (chunk) => `assets/${chunk.name.replaceAll(".", "-")}-[hash].js`, // one dot, as aivastark/dashboard_pages.py has it
        codeSplitting: { groups: [{ name: "libraries", test: /node_modules[\\/](react|react-dom|react-router|scheduler|@tanstack|openapi-fetch)[\\/]/ }] },
      },
    },
  },
  server: { proxy: Object.fromEntries(FOR_THE_API.map((path) => [path, { target: API }])) },
});
