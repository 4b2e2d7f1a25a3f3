// src/index.ts → aivastark/web/widget.js, and the languages beside it. The same input gives the same bytes.
import { build, transform } from "esbuild";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { minify } from "terser";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => readFileSync(here(path), "utf8");
const out = process.argv[2] ?? here("../../aivastark/web");

// Names of our own that no wire format and no browser has; with those that begin with _ they become a letter or two.
const OWN =
  /^(_.+|isBusy|someoneWrites|offersPerson|handoffOpen|isWithPerson|declinePerson|showForm|sendForm|declineForm|drawTurn|announce|hush|speak|become|anew|isOpen|viewer|draw|begin|turns|notice|config|depth|element|when|online|rate|state|typing|show|call|clear|plainly|thread|listen|missed|asked|askAgain|past|newConversation|looked)$/;

const words = createHash("sha256");
for (const name of readdirSync(here("strings")).sort()) words.update(read(`strings/${name}`));

const styles = {
  name: "styles",
  setup: (builder) =>
    builder.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", charset: "utf8", minify: true });
      // What stands in a custom property is left as it was written.
      return { contents: code.trim().replace(/(--\w+): /g, "$1:").replace(/, /g, ","), loader: "text" };
    }),
};

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
  // Classes are strict by themselves.
  tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
  plugins: [styles],
});
// Packed, terser's output is 2 % smaller than esbuild's.
const { code } = await minify(built.outputFiles[0].text, {
  ecma: 2020,
  toplevel: true,
  compress: { passes: 3, unsafe: true, unsafe_arrows: true, keep_fargs: false },
});
writeFileSync(`${out}/widget.js`, code);
cpSync(here("strings"), `${out}/strings`, { recursive: true });
