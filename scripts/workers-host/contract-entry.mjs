// Stands in front of a Worker's entry under `workers-host.mjs --contract`, and obeys these request headers:
//
//   x-contract-now    milliseconds since the epoch: the clock of this isolate, until the next such header
//   x-contract-seed   a number: from it on, random numbers can be foretold, and are those of shared::platform::native
//   x-contract-fail   sql, kv, or both: those bindings fail for this request
//   x-contract-cf     JSON: request.cf; undefined without it
//   x-contract-space  put before every KV key and every shard, so that a test sees no other test's state; and when it
//                     changes, the isolate forgets what it has adopted, as if it had just started
//   x-contract-fresh  the same without another space
import entry from "./entry.js";
import Worker from "./index.js";
export * from "./entry.js";

const RealDate = Date;
let now;
let lastSpace = "";
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(globalThis.Date.now());
    else super(...args);
  }
  static now() {
    return now ?? RealDate.now();
  }
};

// SplitMix64.
let seed;
const realRandom = crypto.getRandomValues.bind(crypto);
crypto.getRandomValues = (view) => {
  if (seed === undefined) return realRandom(view);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let i = 0; i < bytes.length; i++) {
    seed = BigInt.asUintN(64, seed + 0x9e3779b97f4a7c15n);
    let mixed = BigInt.asUintN(64, (seed ^ (seed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    bytes[i] = Number((mixed ^ (mixed >> 31n)) & 0xffn);
  }
  return view;
};

const injected = async () => {
  throw new Error("injected");
};

function bindings(env, fail, space) {
  const { KV, SQL } = env;
  const kv = { get: fail.includes("kv") ? injected : (key, options) => KV.get(space + key, options) };
  const sql = {
    idFromName: (shard) => SQL.idFromName(space + shard),
    get: (id) => (fail.includes("sql") ? { fetch: injected } : SQL.get(id)),
  };
  return { ...env, ...(KV && { KV: kv }), ...(SQL && { SQL: sql }) };
}

export default {
  ...entry,
  fetch(request, env, ctx) {
    const header = (name) => request.headers.get(`x-contract-${name}`);
    const [cf, fail, space] = [header("cf"), header("fail")?.split(",") ?? [], header("space") ?? ""];
    now = Number(header("now")) || now;
    if (header("seed") !== null) seed = BigInt(header("seed"));
    if (space !== lastSpace || header("fresh") !== null) Worker.prototype.forget.call({ env, ctx });
    lastSpace = space;
    request = new Request(request, { cf: cf === null ? undefined : JSON.parse(cf) });
    for (const name of ["now", "seed", "fail", "cf", "space", "fresh"]) request.headers.delete(`x-contract-${name}`);
    return entry.fetch(request, bindings(env, fail, space), ctx);
  },
};
