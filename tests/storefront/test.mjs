// Everything that the storefront answers: node --test tests/storefront/test.mjs
import { after, before } from "node:test";
import { forms } from "./cases-forms.mjs";
import { pages } from "./cases-pages.mjs";
import { streams } from "./cases-streams.mjs";
import { programs } from "./cases-program.mjs";
import { sockets } from "./cases-websocket.mjs";
import { start } from "./server.mjs";

const at = {};
before(async () => Object.assign(at, await start()));
after(() => at.close());

for (const cases of [pages, forms, streams, sockets, programs]) cases(at);
