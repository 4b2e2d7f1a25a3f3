// node package.mjs widget|react: what npm gets of a package, into its dist: ESM, CommonJS, and the types of both.
// @aivastark/react reads the types of @aivastark/widget, so that one comes first.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const PACKAGES = {
  widget: { sources: "package", entry: "index.ts", banner: "" },
  // The bundlers of React's servers look for it before anything else.
  react: { sources: "src", entry: "index.ts", banner: '"use client";' },
};

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const name = process.argv[2];
const { sources, entry, banner } = PACKAGES[name];
const dist = here(`${name}/dist`);

rmSync(dist, { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const project = here(name === "widget" ? "widget/package" : "react");
execFileSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" });
for (const [folder, format] of [["esm", "esm"], ["cjs", "cjs"]]) {
  await build({
    entryPoints: [here(`${name}/${sources}/${entry}`)],
    outfile: `${dist}/${folder}/index.js`,
    bundle: true,
    packages: "external",
    format,
    target: "es2022",
    jsx: "automatic",
    banner: { js: banner },
  });
}
for (const file of readdirSync(`${dist}/esm`)) if (file.endsWith(".d.ts")) cpSync(`${dist}/esm/${file}`, `${dist}/cjs/${file}`);
writeFileSync(`${dist}/cjs/package.json`, '{ "type": "commonjs" }\n');
cpSync(here("../LICENSE"), here(`${name}/LICENSE`));
