// src/index.ts → aivastark/web/widget.js, and the languages beside it. The same input gives the same bytes.
import { build } from "esbuild";
import { cpSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = process.argv[2] ?? here("../../aivastark/web");

// Names of our own that no wire format and no browser has; with those that begin with _ they become a letter or two.
const OWN =
  /^(_.+|isBusy|someoneWrites|offersPerson|handoffOpen|isWithPerson|hasSomethingUnderWay|declinePerson|showForm|sendForm|declineForm|drawTurns|drawTurn|announce|hush|speak|forget|isOpen|retryAfter|citationOf)$/;

mkdirSync(out, { recursive: true });
await build({
  entryPoints: [here("src/index.ts")],
  outfile: `${out}/widget.js`,
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  mangleProps: OWN,
});
cpSync(here("strings"), `${out}/strings`, { recursive: true });
