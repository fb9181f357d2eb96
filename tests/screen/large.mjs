// Large bodies through a host, and how much more memory it takes meanwhile.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { ask } from "./tools.mjs";

export const FLAT = 64 << 20; // what a host may take more while something large passes
const STEP = 8 << 20; // bytes between two looks at its memory

/** Reads an answer: `bytes`, the most that `memory` was more, and the answer's head. */
export async function down(base, path, headers, memory) {
  const before = memory();
  let [bytes, most, looked] = [0, before, 0];
  const onData = (part) => {
    bytes += part.length;
    if (bytes - looked < STEP) return;
    looked = bytes;
    most = Math.max(most, memory());
  };
  const told = await ask(base, path, { headers, onData });
  return { ...told, bytes, more: most - before };
}

/** Sends a body of `size` bytes with PUT, in chunks unless `headers` say how long it is; its `sha256`, and the rest as above. */
export async function up(base, path, size, headers, memory) {
  const piece = Buffer.alloc(1 << 20, "venditor");
  const hash = createHash("sha256");
  const before = memory();
  let most = before;
  function* body() {
    for (let sent = 0; sent < size; sent += piece.length) {
      const part = piece.subarray(0, Math.min(piece.length, size - sent));
      hash.update(part);
      most = Math.max(most, memory());
      yield part;
    }
  }
  const told = await ask(base, path, { method: "PUT", headers, body: Readable.from(body()) });
  return { ...told, sha256: hash.digest("hex"), more: most - before };
}
