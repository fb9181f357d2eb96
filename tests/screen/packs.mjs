// A pack of bot-screen, made, signed and published to a running scripts/dev as an operator's is, and rolled back.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CHROME, ask, same, served } from "./tools.mjs";

const root = resolve(import.meta.dirname, "../..");
const venditor = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/venditor");

/** An operator with a folder of rules of their own. */
export function operator(dir) {
  const { functions, shop } = served(dir);
  const own = mkdtempSync(join(tmpdir(), "venditor-policy-"));
  const how = { cwd: own, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  const run = (...args) => execFileSync(venditor, ["--keys", join(dir, "keys"), ...args], how);
  const key = run("keys", "token", "--kid", "dev-edge").trim();
  const rules = join(own, "bot-screen");
  cpSync(join(root, "functions/bot-screen/policy"), rules, { recursive: true });
  const keyset = join(dir, "keys/keyset.dsse.json");
  const publish = (...files) => run("publish", "--local", "--dev", join(dir, "dev.json"), ...files);
  const kid = `policy-${process.pid}`;
  let signs = false;

  /** What bot-screen says of a request. */
  async function told(request) {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", "accept-language": "en" };
    const { body } = await ask(functions, "/v1/screen", { method: "POST", headers, body: JSON.stringify(request) });
    return JSON.parse(body);
  }

  /** Status and fields that it answers a proxy of `/v1/forward`. */
  async function forwarded(fields) {
    const { status, headers } = await ask(functions, "/v1/forward", { headers: { ...fields, authorization: `Bearer ${key}` } });
    return [status, headers];
  }

  /** The digests by which it judges: where it is asked, and where it stands before the sample shop. */
  async function judgedBy() {
    const seen = await ask(shop, "/stream/echo-headers", { headers: { "user-agent": CHROME } });
    return [(await told({ method: "GET", url: "/" })).policy, JSON.parse(seen.body).headers["venditor-policy"]];
  }

  /** Asks until both judge by a digest: hosts keep what they have read for a while. */
  async function both(what, digest) {
    let seen;
    for (let tries = 0; tries < 120; tries++) {
      seen = await judgedBy();
      if (seen.every((one) => one === digest)) break;
      await new Promise((done) => setTimeout(done, 1000));
    }
    same(what, seen, [digest, digest]);
  }

  return {
    rules,
    run,
    told,
    forwarded,
    judgedBy,
    /** The labels with which a request goes on to the sample shop. */
    async labels(path) {
      const seen = await ask(shop, path, { headers: { "user-agent": CHROME } });
      return JSON.parse(seen.body).headers["venditor-labels"] ?? "";
    },
    /** Makes a pack of the folder and puts it in force. */
    async inForce(what) {
      if (!signs) run("keys", "new", "--use", "policy", "--kid", kid, "--owner-zh", "规则", "--owner-en", "Rules");
      signs = true;
      const { policy } = JSON.parse(run("policy", "build", "bot-screen", "--out", "p.pack", "--json"));
      run("policy", "sign", "p.pack", "--key", kid, "--out", "s.dsse.json");
      publish(keyset, "p.pack", "s.dsse.json");
      await both(what, policy);
    },
    /** Puts an earlier one in force again. */
    async back(what, digest) {
      run("policy", "rollback", "--function", "bot-screen", "--to", digest, "--key", kid, "--out", "r.dsse.json");
      publish(keyset, "r.dsse.json");
      await both(what, digest);
    },
    end: () => rmSync(own, { recursive: true, force: true }),
  };
}
