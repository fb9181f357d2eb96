// The program itself: what it prints, its options, how it ends.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ask } from "./client.mjs";

const SERVER = fileURLToPath(new URL("server.mjs", import.meta.url));

function run(args, env = {}) {
  const child = spawn(process.execPath, [SERVER, ...args], { env: { ...process.env, ...env } });
  const told = { out: "", err: "" };
  child.stdout.on("data", (part) => (told.out += part));
  child.stderr.on("data", (part) => (told.err += part));
  const ended = once(child, "close").then(([code]) => code);
  const listening = once(child.stdout, "data").then(() => {
    const { listening: url, port } = JSON.parse(told.out);
    return { url, port };
  });
  return { child, told, ended, listening };
}

export function programs() {
  test("program: one line, and an end at once, whatever still runs", async () => {
    const { child, told, ended, listening } = run([], { PORT: "0" });
    const at = await listening;
    assert.equal((await ask(at, "/")).status, 200);
    const asked = request(`${at.url}/stream/slow?ms=30000`);
    asked.on("error", () => {});
    asked.end();
    await ask(at, "/robots.txt");
    const began = performance.now();
    child.kill("SIGTERM");
    assert.equal(await ended, 0);
    assert.ok(performance.now() - began < 1000);
    assert.deepEqual([told.out.split("\n").length, told.err], [2, ""]);
  });

  test("program: --verbose tells requests, --public-url names the shop", async () => {
    const { child, told, ended, listening } = run([
      "--port",
      "0",
      "--verbose",
      "--public-url",
      "https://shop.example/",
    ]);
    const at = await listening;
    assert.match((await ask(at, "/robots.txt")).text, /Sitemap: https:\/\/shop\.example\/sitemap\.xml/);
    child.kill("SIGTERM");
    await ended;
    const { method, url, status } = JSON.parse(told.err);
    assert.deepEqual([method, url, status], ["GET", "/robots.txt", 200]);
  });

  test("program: help, and what it does not know", async () => {
    const help = run(["--help"]);
    help.listening.catch(() => {});
    assert.equal(await help.ended, 0);
    assert.match(help.told.out, /--public-url/);
    for (const args of [["--nope"], ["--port", "x"], ["--port", "70000"], ["--public-url", "ftp://x"]]) {
      const { ended, told } = run(args);
      assert.equal(await ended, 2, args.join(" "));
      assert.match(told.err, /^error: /);
    }
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { ended, told } = run(["--port", String(taken.address().port)]);
    assert.equal(await ended, 1);
    assert.match(told.err, /EADDRINUSE/);
    taken.close();
  });
}
