// Variables files: NAME="value" with JSON's escapes, NAME='value' or NAME=value as they stand, one a line.
//
//   node scripts/workers-host/vars.mjs FILE     prints NAME=value entries, each ended by a NUL, for a shell
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** What a file sets, by name. */
export function readVars(file) {
  const lines = readFileSync(file, "utf8").split("\n");
  return Object.fromEntries(
    lines.filter((line) => line.trim() !== "" && !line.startsWith("#")).map((line) => {
      const [, name, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`${file}: not NAME="value": ${line.split("=")[0]}`);
      if (value.startsWith('"')) return [name, JSON.parse(value)];
      return [name, /^'(.*)'$/.exec(value)?.[1] ?? value];
    }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [name, value] of Object.entries(readVars(process.argv[2]))) process.stdout.write(`${name}=${value}\0`);
}
