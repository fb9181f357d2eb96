// Starting and stopping the hosts under measurement.
import { request as send } from "node:http";
import { spawnGroup } from "../refund/processes.mjs";

export { cpuSeconds, stop } from "../refund/processes.mjs";

// Each core does one thing: the host on the last, wrk and this script where they like.
const pinned = process.platform === "linux" ? ["taskset", "-c", "0"] : [];

export async function start(subject) {
  return (await firstAnswer(subject)).child;
}

// Starts a host and asks until it answers: milliseconds from the start of its process.
export async function firstAnswer(subject) {
  const [command, ...args] = [...pinned, ...subject.command];
  const began = performance.now();
  const child = spawnGroup(command, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...subject.env } });
  let errors = "";
  child.stderr.on("data", (chunk) => (errors = (errors + chunk).slice(-4000)));
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${subject.name} ended: ${errors}`);
    if (performance.now() - began > 20_000) throw new Error(`${subject.name} does not answer: ${errors}`);
    const status = await ask(subject);
    if (status === subject.status) return { child, ms: performance.now() - began };
    if (status !== undefined) throw new Error(`${subject.name} answered ${status}, not ${subject.status}: ${errors}`);
    await new Promise((done) => setTimeout(done, 1));
  }
}

function ask(subject) {
  const { headers, method, body } = { headers: subject.headers, ...subject.request?.() };
  return new Promise((done) => {
    const request = send(subject.url, { headers, method, agent: false }, (response) => {
      response.resume();
      response.on("end", () => done(response.statusCode));
    });
    request.on("error", () => done(undefined));
    request.end(body);
  });
}
