// What becomes of actions while bot-screen's storage hangs: another process holds its database. On Spin alone; a Durable
// Object cannot be held up from here.
//
//   node tests/screen/storage.mjs --dir DIR
//
//   --dir DIR     the folder of a running scripts/dev
//   --help        this
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { CHROME, ask, conclude, same, served, work } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, { options: { dir: { type: "string" } } });
if (!options.dir) wrong("--dir is wanted");
const { host, functions } = served(options.dir);
const root = resolve(import.meta.dirname, "../..");
const venditor = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/venditor");
const key = execFileSync(venditor, ["--keys", join(options.dir, "keys"), "keys", "token", "--kid", "dev-edge"], { encoding: "utf8" }).trim();

async function told(method, url, agent = CHROME) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const body = { method, url, host: "shop.example", client_address: "10.200.0.1", headers: [["user-agent", agent]] };
  const answer = await ask(functions, "/v1/screen", { method: "POST", headers, body: JSON.stringify(body) });
  return { ...answer, body: JSON.parse(answer.body) };
}
async function judged(...what) {
  const { status, body } = await told(...what);
  return [status, body.outcome ?? body.type.split("/").at(-1)];
}

/** A challenge and its answer, as a program has them. */
async function solved() {
  const { token, work: task } = (await told("POST", "/cart/add", "curl/8")).body.challenge;
  return { token, answer: work(task) };
}
async function handedIn(solution) {
  const headers = { "content-type": "application/json" };
  const { status, body } = await ask(functions, "/.venditor/solve", { method: "POST", headers, body: JSON.stringify(solution) });
  return [status, JSON.parse(body).type?.split("/").at(-1)];
}

/** Holds a database of SQLite until it is let go. */
async function held(file, work) {
  const hold = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)\nc.execute('BEGIN EXCLUSIVE')\nprint('held', flush=True)\nsys.stdin.read()";
  const holder = spawn("python3", ["-c", hold, file], { stdio: ["pipe", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  try {
    await work();
  } finally {
    holder.stdin.end();
    await once(holder, "exit");
  }
}

if (host === "spin") {
  same("before", await judged("POST", "/cart/add"), [200, "allow"]);
  const [first, second] = [await solved(), await solved()];
  const brought = `/cart/add?venditor-token=${second.token}&venditor-answer=${second.answer}`;
  await held(join(options.dir, "state/spin/bot-screen.sql.db"), async () => {
    same("a page view asks no storage", await judged("GET", "/p/1"), [200, "allow"]);
    same("what fails open goes on", await judged("POST", "/cart/add"), [200, "allow"]);
    same("what fails closed does not", await judged("POST", "/checkout"), [503, "storage-unavailable"]);
    same("an answer to a challenge waits no longer either", await handedIn(first), [503, "storage-unavailable"]);
    same("nor does one that a form brings", await judged("POST", brought, "curl/8"), [200, "challenge"]);
  });
  same("afterwards it is taken", await handedIn(first), [200, undefined]);
  same("and so is the form's", await judged("POST", brought, "curl/8"), [200, "tag"]);
  same("afterwards", await judged("POST", "/checkout"), [200, "allow"]);
}
conclude();
