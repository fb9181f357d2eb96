// All ports but pass-through.
import assert from "node:assert/strict";
import { eventually, json } from "./client.mjs";
import { seen } from "./origin.mjs";

const UNKNOWN = {
  asn: null, as_organisation: null, ja3: null, ja4: null, tls_version: null, tls_cipher: null, http_version: null,
  bot_score: null, verified_bot: null, verified_bot_category: null,
};

export const checks = {
  "signals: nothing is known without cf": async ({ base }) => {
    assert.deepEqual(await json(base, "/ports/signals"), UNKNOWN);
  },

  "signals: what cf says, and wrong types are unknown": async ({ base, host }) => {
    const ask = (cf) => json(base, "/ports/signals", { headers: { "x-test-cf": JSON.stringify(cf) } });
    const cf = {
      asn: 4134, asOrganization: "Chinanet", tlsVersion: "TLSv1.3", tlsCipher: "AEAD-AES128-GCM-SHA256",
      httpProtocol: "HTTP/2", verifiedBotCategory: "Search Engine Crawler",
      botManagement: { score: 2, verifiedBot: true, ja3Hash: "e7d705a3286e19ea42f587b344ee6865", ja4: "t13d1516h2_8daaf6152771_b0da82dd1658" },
    };
    const known = {
      asn: 4134, as_organisation: "Chinanet", ja3: "e7d705a3286e19ea42f587b344ee6865", ja4: "t13d1516h2_8daaf6152771_b0da82dd1658",
      tls_version: "TLSv1.3", tls_cipher: "AEAD-AES128-GCM-SHA256", http_version: "HTTP/2", bot_score: 2,
      verified_bot: true, verified_bot_category: "Search Engine Crawler",
    };
    assert.deepEqual(await ask(cf), host === "workers" ? known : UNKNOWN);
    // No plan with bot management: no score, above all not 0.
    assert.deepEqual(await ask({ asn: "4134", tlsVersion: 13, botManagement: { score: 0, verifiedBot: "yes" } }), UNKNOWN);
    assert.deepEqual(await ask({ botManagement: null, asOrganization: "" }), UNKNOWN);
  },

  "limiter: allows, then limits, key by key; unknown where there is none": async ({ base, host }) => {
    const ask = (key, name = "FLOOD") => json(base, `/ports/limit?name=${name}&key=${key}`);
    const answers = [];
    for (let n = 0; n < 8; n++) answers.push(await ask("a"));
    if (host === "workers") {
      // Three in a minute; eight cannot fit even if the minute turns between them.
      assert.equal(answers[0], "allowed");
      assert.ok(answers.includes("limited"), `${answers}`);
      assert.equal(await ask("b"), "allowed");
    } else {
      assert.deepEqual([...new Set(answers)], ["unknown"]);
    }
    assert.equal(await ask("a", "ABSENT"), "unknown");
  },

  "kv: five megabytes in chunks, checked and bounded": async ({ base, sha256 }) => {
    const ask = (key, max) => json(base, `/ports/large?key=${key}&max=${max}`);
    assert.deepEqual(await ask("large", 5_000_000), { bytes: 5_000_000, sha256 });
    assert.match((await ask("large", 4_999_999)).error, /more than allowed/);
    assert.match((await ask("torn", 5_000_000)).error, /chunk 1 is absent/);
    assert.equal((await ask("small", 8)).bytes, 8);
    assert.match((await ask("small", 7)).error, /more than allowed/);
    assert.equal(await ask("absent", 5_000_000), null);
  },

  "outbound: an answer in time": async ({ base }) => {
    assert.deepEqual(await json(base, "/ports/send?path=/sized&timeout=30000"), { status: 200, bytes: 5 });
  },

  "outbound: a server that drips does not outlive the deadline": async ({ base }) => {
    const answer = await json(base, "/ports/send?path=/drips-for-a-minute&timeout=3000");
    assert.deepEqual(answer, { error: "timeout" });
    const note = seen.get("/drips-for-a-minute");
    // It dripped all the time, so no limit on one silence has helped; and it was far from done.
    assert.ok(note.sent >= 2 && note.sent < 250, `${note.sent} drips`);
    await eventually("the origin's connection is closed", () => note.closed);
  },

  "outbound: a server that never answers": async ({ base }) => {
    assert.deepEqual(await json(base, "/ports/send?path=/never&timeout=1000"), { error: "timeout" });
    await eventually("the origin's connection is closed", () => seen.get("/never").closed);
  },

  "wake: the earliest instant wins, and the handler is called": async ({ base, host }) => {
    const wake = (shard, after) => json(base, `/ports/wake?shard=${shard}&in=${after}`, { method: "POST" });
    const woken = (shard) => json(base, `/ports/woken?shard=${shard}`);
    if (host === "spin") {
      assert.equal(await wake("a", 0), "unsupported");
      return;
    }
    await wake("a", 3_600_000);
    const { at } = await wake("a", 300);
    await wake("a", 3_600_000);
    await wake("b", 3_600_000);
    const { times, at: when } = await eventually("the alarm", async () => (await woken("a")).times > 0 && woken("a"));
    assert.equal(times, 1);
    assert.ok(when >= at, `woken at ${when}, asked for ${at}`);
    assert.equal((await woken("b")).times, 0);
    // Once it has fired, it can be set again.
    await wake("a", 0);
    await eventually("a second alarm", async () => (await woken("a")).times === 2);
  },

  "wake: a handler that fails is called again": async ({ base, host }) => {
    if (host === "spin") return;
    await json(base, "/ports/wake?shard=fails-once&in=0", { method: "POST" });
    await eventually("a second try", async () => (await json(base, "/ports/woken?shard=fails-once")).times === 2);
  },
};
