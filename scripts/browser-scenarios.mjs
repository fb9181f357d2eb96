// The pages that tests/browser looks at, from the URLs of the development sample (scripts/dev writes them).
import { readFileSync } from "node:fs";

const { urls, tea } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const page = (url) => `/verify${new URL(url).pathname}`;

console.log(
  JSON.stringify([
    // A first scan happens once: each language has a piece of its own.
    { name: "first-scan", paths: { zh: page(tea[1]), en: page(tea[2]) }, expect: "authentic_first_scan" },
    { name: "recalled", path: page(urls.recalled), expect: "recalled" },
    { name: "forged", path: page(urls.forged), expect: "bad_code" },
    { name: "not-issued", path: page(urls.not_in_manifest), expect: "not_in_manifest" },
    { name: "no-record", path: page(urls.jade_without_record), expect: "record_missing" },
    { name: "bad-url", path: "/verify/01/09506000134353/21/A", problem: "bad-check-digit" },
  ]),
);
