// src/index.ts → aivastark/web/widget.js, and the languages beside it. The same input gives the same bytes.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { minify } from "terser";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = process.argv[2] ?? here("../../aivastark/web");

// Names of our own that no wire format and no browser has; with those that begin with _ they become a letter or two.
const OWN =
  /^(_.+|isBusy|someoneWrites|offersPerson|handoffOpen|isWithPerson|hasSomethingUnderWay|declinePerson|showForm|sendForm|declineForm|drawTurns|drawTurn|announce|hush|speak|forget|isOpen|retryAfter|citationOf)$/;

const words = createHash("sha256");
for (const name of readdirSync(here("strings")).sort()) words.update(readFileSync(here(`strings/${name}`)));

mkdirSync(out, { recursive: true });
const built = await build({
  entryPoints: [here("src/index.ts")],
  write: false,
  define: { STRINGS_VERSION: JSON.stringify(words.digest("hex").slice(0, 8)) },
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  mangleProps: OWN,
});
// Packed, terser's output is 2 % smaller than esbuild's.
const { code } = await minify(built.outputFiles[0].text, {
  ecma: 2020,
  toplevel: true,
  compress: { passes: 3, unsafe_arrows: true },
});
writeFileSync(`${out}/widget.js`, code);
cpSync(here("strings"), `${out}/strings`, { recursive: true });
