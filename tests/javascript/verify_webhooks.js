// The verifiers of docs/webhooks.md on real deliveries: node verify_webhooks.js DOCS DELIVERIES
import { readFileSync } from "node:fs";

const [docs, deliveries] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const said = {};
for (const [, name, code] of docs.matchAll(/```js\n\/\/ verify: ([^\n]+)\n(.*?)```/gs)) {
  // A module from text knows no node_modules: say where the package is.
  const placed = code.replaceAll('"standardwebhooks"', JSON.stringify(import.meta.resolve("standardwebhooks")));
  const { isOurs } = await import("data:text/javascript," + encodeURIComponent(placed));
  said[name] = JSON.parse(deliveries).map(({ secret, standard_secret, body, headers }) =>
    isOurs(name === "plain" ? secret : standard_secret, Buffer.from(body), headers),
  );
}
console.log(JSON.stringify(said));
