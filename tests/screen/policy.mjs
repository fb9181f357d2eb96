// A pack that is published reaches bot-screen where it answers questions and where it stands before the sample shop; and it
// is rolled back to the one that is built in.
//
//   node tests/screen/policy.mjs --dir DIR
//
//   --dir DIR     the folder of a running scripts/dev
//   --help        this
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { operator } from "./packs.mjs";
import { CHROME, check, conclude, same } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, { options: { dir: { type: "string" } } });
if (!options.dir) wrong("--dir is wanted");
const { rules, told, labels, judgedBy, inForce, back, end } = operator(resolve(options.dir));
try {
  const [builtIn, atShop] = await judgedBy();
  same("both begin with the one that is built in", atShop, builtIn);
  const file = join(rules, "policy.toml");
  const figures = readFileSync(file, "utf8");
  const changed = figures.replace(/^(retry_after_seconds = )\d+/m, `$1${31 + (process.pid % 1000)}`);
  check("a figure is changed", changed !== figures);
  writeFileSync(file, changed);
  // Rules that can be looked up are read when one of them could match, and a label may lead to one.
  const rule = (code, when, label) => `\n[[rule]]\ncode = "${code}"\nwhen = '${when}'\nweight = 1\nlabel = "${label}"\nzh = "试"\nen = "A try"\n`;
  const looked = rule("looked-up", 'query == "looked=up"', "looked-up") + rule("seen", 'query starts_with "seen"', "seen");
  appendFileSync(join(rules, "rules.toml"), looked + rule("led-to", 'label("seen") and query == "seen=1"', "led-to"));
  await inForce("a pack that is published reaches both");
  const path = "/stream/echo-headers";
  const question = (query) => ({ method: "GET", url: `${path}?${query}`, host: "shop.example", headers: [["user-agent", CHROME]] });
  for (const [query, wanted] of [["looked=up", ["looked-up"]], ["seen=2", ["seen"]], ["seen=1", ["led-to", "seen"]], ["looked=down", []]]) {
    // More often than there are instances that have read them already.
    const asked = await Promise.all(Array.from({ length: 6 }, () => told(question(query))));
    const found = asked.map(({ reasons }) => reasons.filter(({ message }) => message === "A try").map(({ rule }) => rule).sort());
    same(`rules of ${query}`, found, asked.map(() => wanted));
    const onward = (await labels(`${path}?${query}`)).split(/[ ,]+/).filter((label) => /^(looked-up|seen|led-to)$/.test(label));
    same(`and before the sample shop`, onward.sort(), wanted);
  }
  await back("and is rolled back to the one that is built in", builtIn);
} finally {
  end();
}
conclude();
