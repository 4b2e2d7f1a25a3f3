// node unpack.mjs NODE_MODULES FOLDER: the packed Chromium becomes a program, its libraries and a font.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

const [, , modules, folder] = process.argv;
const unpacked = (name) => brotliDecompressSync(readFileSync(`${modules}/@sparticuz/chromium/bin/${name}.br`));

mkdirSync(folder, { recursive: true });
for (const name of ["al2023.tar", "swiftshader.tar", "fonts.tar"]) {
  writeFileSync(`${folder}/${name}`, unpacked(name));
  execFileSync("tar", ["xf", name], { cwd: folder });
  rmSync(`${folder}/${name}`);
}
writeFileSync(`${folder}/unpacking`, unpacked("chromium"));
chmodSync(`${folder}/unpacking`, 0o755);
renameSync(`${folder}/unpacking`, `${folder}/chromium`);
