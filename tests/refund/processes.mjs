// Hosts in process groups of their own: `spin up` starts its server as a child, and the Workers host its runtime. A SIGKILL
// to the parent alone leaves the child behind, with its port and its databases.
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** How long a host may take to end by itself, in milliseconds. */
const GRACE = 5000;

/** What runs, so that it ends with this process however that ends (except by SIGKILL). */
const running = new Set();
process.once("exit", () => running.forEach((child) => signal(-child.pid, "SIGKILL")));
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(name, () => process.exit(1));

/** As `child_process.spawn`, at the head of a new group. */
export function spawnGroup(command, args, options) {
  const child = spawn(command, args, { ...options, detached: true });
  running.add(child);
  return child;
}

/** Asks the host to end, and kills what is left of its group. */
export async function stop(child) {
  const gone = ended(child);
  signal(child.pid, "SIGTERM");
  let timer;
  await Promise.race([gone, new Promise((done) => (timer = setTimeout(done, GRACE)))]);
  clearTimeout(timer);
  await crash(child);
}

/** Ends the whole group at once, in the middle of whatever it does. */
export async function crash(child) {
  const gone = ended(child);
  signal(-child.pid, "SIGKILL");
  running.delete(child);
  await gone;
}

function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => child.once("exit", done));
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}

/** User and system time of the group's living processes so far, in seconds; /proc counts hundredths. Linux only. */
export function cpuSeconds(child) {
  return group(child).reduce((sum, { stat }) => sum + Number(stat[11]) + Number(stat[12]), 0) / 100;
}

/** What the group's living processes hold in memory, in bytes. Linux only. */
export function residentBytes(child) {
  const kilobytes = ({ pid }) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  return group(child).reduce((sum, one) => sum + 1024 * kilobytes(one), 0);
}

/** The living processes of a group, each with what /proc says of it behind its name. */
function group(child) {
  const stat = (pid) => {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, "utf8");
      return text.slice(text.lastIndexOf(")") + 2).split(" ");
    } catch {
      return []; // ended meanwhile
    }
  };
  const all = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).map((pid) => ({ pid, stat: stat(pid) }));
  return all.filter(({ stat }) => Number(stat[2]) === child.pid);
}
