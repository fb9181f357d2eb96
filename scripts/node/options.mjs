// The options of a program: what parseArgs reads, with --help, and 2 as the exit code for what it does not know.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** `url` is the program's import.meta.url; the comment at its head is its help. Takes what parseArgs takes. */
export function readOptions(url, config) {
  if (process.argv.slice(2).includes("--help")) {
    const lines = readFileSync(fileURLToPath(url), "utf8").split("\n").filter((line) => !line.startsWith("#!"));
    const head = lines.slice(0, lines.findIndex((line) => !line.startsWith("//")));
    console.log(head.map((line) => line.replace(/^\/\/ ?/, "")).join("\n"));
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    wrong(error.message);
  }
}

/** Ends the program: it was called in a way that it does not know. */
export function wrong(what) {
  console.error(`error: ${what}\n       --help says more`);
  process.exit(2);
}
