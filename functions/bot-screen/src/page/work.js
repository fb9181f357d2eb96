// The work of a challenge, in a worker, so that the page stays alive. ES2017: engines inside apps are old.
"use strict";

var K = new Int32Array(64);
var START = new Int32Array(8);
(function () {
  // The constants of SHA-256 (FIPS 180-4 §4.2.2, §5.3.3): fractions of roots of the first primes.
  var count = 0;
  var fraction = function (x) { return (x - Math.floor(x)) * 4294967296 | 0; };
  for (var n = 2; count < 64; n++) {
    var prime = true;
    for (var d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
    if (!prime) continue;
    if (count < 8) START[count] = fraction(Math.sqrt(n));
    K[count++] = fraction(Math.cbrt(n));
  }
})();

var W = new Int32Array(64);

// One block of SHA-256: `state` becomes what it is after the sixteen words in W.
function compress(state) {
  for (var i = 16; i < 64; i++) {
    var x = W[i - 15], y = W[i - 2];
    var s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    var s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  var a = state[0], b = state[1], c = state[2], d = state[3];
  var e = state[4], f = state[5], g = state[6], h = state[7];
  for (i = 0; i < 64; i++) {
    var big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    var t1 = (h + big1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    var big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    var t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

// The state after the seed, which is 64 characters and so one block.
function begin(seed) {
  var state = new Int32Array(START);
  for (var i = 0; i < 16; i++) {
    W[i] = (seed.charCodeAt(4 * i) << 24) | (seed.charCodeAt(4 * i + 1) << 16) |
      (seed.charCodeAt(4 * i + 2) << 8) | seed.charCodeAt(4 * i + 3);
  }
  compress(state);
  return state;
}

// The first word of SHA-256 over the seed and a short text.
function head(after, text) {
  for (var i = 0; i < 15; i++) W[i] = 0;
  for (i = 0; i < text.length; i++) W[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
  W[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  W[15] = 8 * (64 + text.length);
  var state = new Int32Array(after);
  compress(state);
  return state[0] >>> 0;
}

self.onmessage = function (event) {
  var task = event.data;
  var after = begin(task.seed);
  var below = Math.pow(2, 32 - task.bits);
  var found = [];
  for (var part = 0; part < task.parts; part++) {
    var n = 0;
    while (head(after, ":" + part + ":" + n) >= below) n++;
    found.push(n);
    self.postMessage({ done: part + 1 });
  }
  self.postMessage({ answer: found.join(",") });
};
