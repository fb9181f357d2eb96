// Prints the pages that tests/browser looks at, from the URLs of the development sample, which scripts/dev writes.
//
//   node scripts/browser-scenarios.mjs [--smoke] SAMPLE.json
//
//   --smoke   one first scan and one refusal only: whether a host serves pages at all
//   --help    this
import { readFileSync } from "node:fs";
import { readOptions, wrong } from "./node/options.mjs";

const { values, positionals } = readOptions(import.meta.url, {
  options: { smoke: { type: "boolean", default: false } },
  allowPositionals: true,
});
if (positionals.length !== 1) wrong("one sample file is wanted");
const { urls, tea } = JSON.parse(readFileSync(positionals[0], "utf8"));
const page = (url) => `/verify${new URL(url).pathname}`;

const smoke = [
  // A first scan happens once: each language has a piece of its own.
  { name: "first-scan", paths: { zh: page(tea[1]), en: page(tea[2]) }, expect: "authentic_first_scan" },
  { name: "forged", path: page(urls.forged), expect: "bad_code" },
];
const rest = [
  { name: "recalled", path: page(urls.recalled), expect: "recalled" },
  { name: "not-issued", path: page(urls.not_in_manifest), expect: "not_in_manifest" },
  { name: "no-record", path: page(urls.jade_without_record), expect: "record_missing" },
  { name: "bad-check-digit", path: "/verify/01/09506000134353/21/A", expect: "bad_code" },
  { name: "bad-url", path: "/verify/01/0950600013435/21/A", problem: "bad-link" },
];
console.log(JSON.stringify(values.smoke ? smoke : [...smoke, ...rest]));
