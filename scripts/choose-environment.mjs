// The default environment of wrangler.toml. It has no Worker: each function is an environment of its own.
console.error("choose an environment: --env trace-verify | listing-check | bot-screen | instant-refund");
process.exit(1);
