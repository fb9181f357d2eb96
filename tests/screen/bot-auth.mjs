// Web Bot Auth on a running host: an agent's directory is fetched into the rules, they are published, and its signatures
// count, each nonce once where that buys something.
//
//   node tests/screen/bot-auth.mjs --dir DIR
//
//   --dir DIR     the folder of a running scripts/dev
//   --help        this
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { operator } from "./packs.mjs";
import { CHROME, check, conclude, same } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, { options: { dir: { type: "string" } } });
if (!options.dir) wrong("--dir is wanted");
const SITE = "agents.example.com";
const MEDIA = "application/http-message-signatures-directory+json";
const GPTBOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.1; +https://openai.com/gptbot";

/** A key, with its thumbprint (RFC 7638). */
function agentKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x } = publicKey.export({ format: "jwk" });
  const id = createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url");
  return { id, jwk: { kty: "OKP", crv: "Ed25519", x, use: "sig", kid: id }, sign: (text) => sign(null, Buffer.from(text), privateKey).toString("base64") };
}

/** The fields of a signature (RFC 9421): what is covered, with its values. */
function signed(key, label, covered, tag, more = "") {
  const now = Math.floor(Date.now() / 1000);
  const names = covered.map(([name]) => name).join(" ");
  const parameters = `(${names});created=${now};expires=${now + 60};keyid="${key.id}"${more};tag="${tag}"`;
  const base = [...covered.map(([name, value]) => `${name}: ${value}`), `"@signature-params": ${parameters}`].join("\n");
  return { "signature-input": `${label}=${parameters}`, signature: `${label}=:${key.sign(base)}:` };
}

const [first, second] = [agentKey(), agentKey()];
/** What the directory answers, by what is tried. */
const DIRECTORIES = {
  own: () => [200, MEDIA, [first], first],
  both: () => [200, `${MEDIA}; charset=utf-8`, [first, second], first],
  unsigned: () => [200, MEDIA, [first]],
  changed: () => [200, MEDIA, [second], second],
  elsewhere: () => [301, MEDIA, [first], first],
  html: () => [200, "text/html", [first], first],
  huge: () => [200, MEDIA, Array(2000).fill(first), first],
  forged: () => [200, MEDIA, [first], { ...first, sign: second.sign }],
};
let now = "own";
const directory = createServer((request, response) => {
  const [status, media, keys, signer] = DIRECTORIES[now]();
  const fields = signer ? signed(signer, "dir", [['"@authority";req', SITE]], "http-message-signatures-directory") : {};
  response.writeHead(status, { "content-type": media, location: "http://127.0.0.1:1/", ...fields });
  response.end(JSON.stringify({ keys: keys.map((key) => key.jwk) }));
}).listen(0, "127.0.0.1");
await once(directory, "listening");
const from = `http://127.0.0.1:${directory.address().port}`;

const { rules, told, forwarded, judgedBy, inForce, back, end } = operator(resolve(options.dir));
const [builtIn] = await judgedBy();
const file = join(rules, "signers/own.csv");
// The fetch is another process, which this one serves: it must not wait for it.
const { execFile } = await import("node:child_process");
const { promisify } = await import("node:util");
const target = process.env.CARGO_TARGET_DIR ?? resolve(import.meta.dirname, "../../target");
async function refresh(what, ...more) {
  now = what;
  const args = ["bots", "refresh", rules, "--signer", "own", "--from", from, ...more];
  return promisify(execFile)(join(target, "debug/venditor"), args).then(
    ({ stdout, stderr }) => [0, stdout + stderr],
    ({ code, stdout, stderr }) => [code, stdout + stderr],
  );
}
const keys = () => readFileSync(file, "utf8").split("\n").slice(1, -1).map((line) => line.split(",")[0]);

/** A question with a signature. */
function question(method, url, agent, { nonce, key = first, host = "shop.example", told: toldHost = host } = {}) {
  const covered = [['"@authority"', host], ['"signature-agent";key="a"', `"https://${SITE}"`]];
  const fields = signed(key, "sig1", covered, "web-bot-auth", nonce ? `;nonce="${nonce}"` : "");
  const headers = [["user-agent", agent], ["signature-agent", `a="https://${SITE}"`], ...Object.entries(fields)];
  return { method, url, host: toldHost, client_address: "10.201.0.1", headers };
}

/** What a proxy sends of a posted request, whose signature covers method and path. */
function posted(path, nonce) {
  const covered = [['"@method"', "POST"], ['"@authority"', "shop.example"], ['"@path"', path], ['"signature-agent";key="a"', `"https://${SITE}"`]];
  const fields = signed(first, "sig1", covered, "web-bot-auth", `;nonce="${nonce}"`);
  const onward = { "x-forwarded-method": "POST", "x-forwarded-uri": path, "x-forwarded-host": "shop.example", "x-forwarded-for": "10.201.0.1" };
  return { "user-agent": "curl/8.9.1", "signature-agent": `a="https://${SITE}"`, ...fields, ...onward };
}
const said = ({ outcome, signature, agent }) => [outcome, signature?.state, signature?.signer ?? signature?.reason, agent.standing];

try {
  appendFileSync(join(rules, "signers.toml"), `\n[[signer]]\ncode = "own"\nsite = "${SITE}"\nagents = ["GPTBot"]\nsource = "a test"\n`);
  for (const what of ["unsigned", "elsewhere", "html", "huge", "forged"]) {
    const [code, output] = await refresh(what);
    check(`a directory that is ${what} is refused`, code === 1 && output.includes("stay as they are"), output);
  }
  const [dry, shown] = await refresh("own", "--dry-run");
  check("what would change is shown", dry === 0 && shown.includes(`+ ${first.id}`), shown);
  let [code, output] = await refresh("both");
  check("a key that has not signed the directory is passed over", code === 0 && output.includes(second.id), output);
  same("the key that has is written", keys(), [first.jwk.x]);
  [code] = await refresh("unsigned", "--allow-unsigned");
  same("TLS alone, if that is wanted", [code, keys()], [0, [first.jwk.x]]);

  const cart = ["GET", "/cart?add-to-cart=1", "curl/8.9.1"];
  same("before it is listed, a signature says nothing", said(await told(question(...cart, { nonce: "n0" }))), ["challenge", "unknown", undefined, undefined]);
  await inForce("rules with a signer reach both");
  same("an agent that signs looks at pages", said(await told(question("GET", "/p/1", CHROME, { nonce: "n1" }))), ["allow", "verified", "own", undefined]);
  same("a crawler's name is proven by it", said(await told(question("GET", "/p/1", GPTBOT, { nonce: "n2" }))), ["allow", "verified", "own", "verified"]);
  const buys = question(...cart, { nonce: "n3" });
  const outcome = (await told(buys)).outcome;
  check("a program that signs may fill a cart", ["allow", "tag"].includes(outcome), outcome);
  same("once", said(await told(buys)), ["challenge", "replayed", "own", undefined]);
  const looks = question("GET", "/p/1", "curl/8.9.1", { nonce: "n4" });
  await told(looks);
  same("what buys nothing is not used up", (await told(looks)).signature?.state, "verified");
  same("without a nonce nothing is bought", said(await told(question(...cart))), ["challenge", "replayed", "own", undefined]);
  const [status, fields] = await forwarded(posted("/cart/add", "n9"));
  same("what is posted is verified by the path that was sent", [status, fields["venditor-signer"]], [200, "own"]);
  same("for another site it is wrong", said(await told(question(...cart, { nonce: "n5", told: "other.example" }))), ["challenge", "refused", "signature-wrong", undefined]);
  same("a stranger's key is unknown", said(await told(question(...cart, { nonce: "n6", key: second }))), ["challenge", "unknown", undefined, undefined]);
  [code, output] = await refresh("changed");
  check("a directory that changed is told", output.includes(`- ${first.id}`) && output.includes(`+ ${second.id}`), output);
  await inForce("and published");
  same("its former key is unknown", (await told(question(...cart, { nonce: "n7" }))).signature?.state, "unknown");
  const after = (await told(question(...cart, { nonce: "n8", key: second }))).outcome;
  check("its new one counts", ["allow", "tag"].includes(after), after);
  await back("rolled back", builtIn);
} finally {
  end();
  directory.close();
}
conclude();
