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
  /^(_.+|isBusy|someoneWrites|offersPerson|handoffOpen|isWithPerson|declinePerson|showForm|sendForm|declineForm|drawTurn|announce|hush|speak|become|anew|isOpen|viewer|draw|begin|turns|notice|config|depth|element|when|online|rate|state|typing|show|call|clear|plainly|thread|listen|missed|asked|askAgain|past|newConversation|home|proofs|current|isFresh|addTurn|watch|submit|typed|makeTurn|textBox|sendButton|panel|looked|fit|site)$/;

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

/** The script that begins with this file, packed; all scripts of one build call things by the same names. */
let mangleCache = {};
async function script(entry, format, versions) {
  const built = await build({
    entryPoints: [here(`src/${entry}.ts`)],
    write: false,
    define: versions,
    bundle: true,
    format,
    target: "es2022",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    mangleProps: OWN,
    mangleCache,
    // Classes are strict by themselves.
    tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
    plugins: [styles],
  });
  mangleCache = built.mangleCache;
  // Packed, terser's output is 2 % smaller than esbuild's.
  const { code } = await minify(built.outputFiles[0].text, {
    ecma: 2020,
    module: format === "esm",
    toplevel: true,
    compress: { passes: 3, unsafe: true, unsafe_arrows: true, keep_fargs: false, lhs_constants: false },
  });
  return code;
}

const versionOf = (hash) => JSON.stringify(hash.digest("hex").slice(0, 8));
const STRINGS_VERSION = versionOf(words);
mkdirSync(out, { recursive: true });
// Its names are chosen for the window's sake, which weighs on every page; what is loaded later goes by them.
await script("index", "iife", { STRINGS_VERSION, FILES_VERSION: '""' });
const files = await script("files", "esm", {});
writeFileSync(`${out}/files.js`, files);
const FILES_VERSION = versionOf(createHash("sha256").update(files));
writeFileSync(`${out}/widget.js`, await script("index", "iife", { STRINGS_VERSION, FILES_VERSION }));
cpSync(here("strings"), `${out}/strings`, { recursive: true });
