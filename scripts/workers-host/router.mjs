// The development router: one port for all functions, by path, as spin.toml routes them.

export default {
  fetch(request, env) {
    const rest = request.url.slice(request.url.indexOf("//") + 2);
    const path = /\/[^?#]*/.exec(rest)?.[0] ?? "/";
    const route = env.ROUTES.find(([pattern]) => matches(pattern, path));
    const target = route && env[route[1]];
    if (target === undefined) return new Response("no function is served at this path\n", { status: 404 });
    // Cloudflare overwrites what a client says of its own address. This port is bound to the loopback address.
    if (!env.TRUST_CLIENT || !request.headers.has("cf-connecting-ip")) {
      request = new Request(request);
      request.headers.set("cf-connecting-ip", "127.0.0.1");
    }
    return target.fetch(request);
  },
};

/** Spin's routes: exact, or a prefix of whole segments that ends in `/...`. */
function matches(pattern, path) {
  if (!pattern.endsWith("/...")) return path === pattern;
  const prefix = pattern.slice(0, -4);
  return path === prefix || path.startsWith(`${prefix}/`);
}
