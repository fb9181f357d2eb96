// Requests of the tests: by node:http, which shows headers and bytes as they come, and follows nothing.
import { request } from "node:http";

/** Asks, and collects the answer. `body` may be bytes, text, URLSearchParams, or an object to be sent as JSON. */
export function ask(at, path, { method = "GET", headers = {}, body } = {}) {
  const { bytes, type } = encoded(body);
  const all = {
    ...(type ? { "content-type": type } : {}),
    ...(bytes ? { "content-length": bytes.length } : {}),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const asked = request(at.url + path, { method, headers: all }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const raw = Buffer.concat(parts);
        const cookies = new Map(
          (response.headers["set-cookie"] ?? []).map((line) => line.split(";")[0].split(/=(.*)/s)),
        );
        resolve({
          status: response.statusCode,
          headers: response.headers,
          raw,
          text: raw.toString(),
          json: () => JSON.parse(raw),
          cookies,
        });
      });
    });
    asked.on("error", reject);
    asked.end(bytes);
  });
}

function encoded(body) {
  if (body === undefined) return {};
  if (body instanceof URLSearchParams)
    return { bytes: Buffer.from(body.toString()), type: "application/x-www-form-urlencoded" };
  if (typeof body === "string" || Buffer.isBuffer(body)) return { bytes: Buffer.from(body) };
  return { bytes: Buffer.from(JSON.stringify(body)), type: "application/json" };
}

export const post = (at, path, body, headers = {}) => ask(at, path, { method: "POST", body, headers });

export const form = (fields) => new URLSearchParams(fields);
