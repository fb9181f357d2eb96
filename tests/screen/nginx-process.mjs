// nginx as a process of a test.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../refund/hosts.mjs";
import { ask } from "./tools.mjs";

/** Starts it with what `configure(folder, port)` gives, in a folder of its own; `path` must answer once it listens. */
export async function startNginx(configure, path) {
  const folder = mkdtempSync(join(tmpdir(), "venditor-nginx-"));
  const port = await freePort();
  const user = process.getuid() === 0 ? "user root;\n" : "";
  const text = configure(folder, port);
  writeFileSync(join(folder, "nginx.conf"), `${user}pid ${folder}/nginx.pid;\nworker_processes 1;\n${text}`);
  mkdirSync(join(folder, "logs"));
  const args = ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr", "-g", "daemon off;"];
  const nginx = spawn("/usr/sbin/nginx", args, { stdio: ["ignore", "inherit", "inherit"] });
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    try {
      await ask(base, path);
      break;
    } catch (error) {
      if (tries > 100 || nginx.exitCode !== null) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  const stop = () => new Promise((done) => {
    nginx.once("exit", () => done(rmSync(folder, { recursive: true, force: true })));
    nginx.kill("SIGTERM");
  });
  return { base, port, folder, stop };
}
