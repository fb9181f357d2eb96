// bot-screen before an origin that a test brings itself, on the host and with the keys of a running scripts/dev.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readVars } from "../../scripts/workers-host/vars.mjs";
import { freePort, pause, root, start, target } from "../refund/hosts.mjs";
import { stop } from "../refund/processes.mjs";
import { ask } from "./tools.mjs";

/**
 * Starts it before `origin`; `more` are further variables. `base` is where it is reached, `alive` whether it still runs,
 * `log` what it printed, `stop` ends it and removes its state.
 */
export async function front({ dir, origin, more = {} }) {
  const { host } = JSON.parse(readFileSync(join(dir, "dev.json"), "utf8"));
  const own = mkdtempSync(join(tmpdir(), "venditor-screen-"));
  const state = join(own, "state");
  mkdirSync(state);
  const port = await freePort();
  const variables = { ...readVars(join(dir, "shop.vars")), SCREEN_ORIGIN: origin, ...more };
  const log = { text: "" };
  const child = host === "workers" ? workers(own, state, port, variables, log) : spin(own, state, port, variables, log);
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries === 600) throw new Error(`the host did not start:\n${log.text.slice(-2000)}`);
    if (await ask(base, "/healthz/bot-screen").then(({ status }) => status === 200, () => false)) break;
    await pause(100);
  }
  const end = async () => {
    await stop(child);
    rmSync(own, { recursive: true, force: true });
  };
  return { base, port, host, log, alive: () => child.exitCode === null && child.signalCode === null, stop: end };
}

function workers(own, state, port, variables, log) {
  const file = join(own, "workers.vars");
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`);
  writeFileSync(file, lines.join(""), { mode: 0o600 });
  const args = ["--everything", "bot-screen", "--port", `${port}`, "--vars-file", file, "--state-dir", state];
  return start("node", [join(root, "scripts/workers-host.mjs"), ...args], log);
}

function spin(own, state, port, variables, log) {
  const [file, runtime] = [join(own, "variables.json"), join(own, "runtime.toml")];
  const lower = Object.entries(variables).map(([name, value]) => [name.toLowerCase(), value]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(lower)), { mode: 0o600 });
  writeFileSync(runtime, execFileSync(join(root, "scripts/spin-runtime"), [state]));
  const args = ["up", "--from", join(root, "functions/bot-screen/spin.toml"), "--listen", `127.0.0.1:${port}`];
  args.push("--state-dir", state, "--runtime-config-file", runtime, "--variable", `@${file}`);
  // As scripts/dev: a spin that is installed comes first.
  return start(process.env.SPIN_BIN ?? installed("spin") ?? join(target, "debug/spin-host"), args, log);
}

function installed(program) {
  try {
    return execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

/**
 * A small proxy to `base`. `change(request)` returns fields to set, perhaps later, or nothing: then the connection is cut.
 * `changed(status)` may return another status and fields of the answer to set.
 */
export async function relay(base, change, changed = () => undefined) {
  const { hostname, port } = new URL(base);
  const server = createServer(async (asked, answer) => {
    const fields = await change(asked);
    if (fields === undefined) return asked.socket.destroy();
    const { method, url: path } = asked;
    const on = request({ hostname, port, method, path, headers: { ...asked.headers, ...fields }, agent: false }, (got) => {
      const own = changed(got.statusCode);
      if (own) answer.writeHead(own.status, { ...got.headers, ...own.fields });
      else answer.writeHead(got.statusCode, got.rawHeaders);
      got.pipe(answer);
      got.on("error", () => answer.destroy());
    });
    on.on("error", () => answer.destroy());
    answer.on("close", () => on.destroy());
    asked.pipe(on);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const close = () => new Promise((done) => server.close(done) && server.closeAllConnections());
  return { base: `http://127.0.0.1:${server.address().port}`, port: server.address().port, close };
}
