// Clients of a page in Chromium: node page_driver.mjs URL; every line says which client.

import { fileURLToPath } from "node:url";

import { withPage, withScript } from "./browser.mjs";
import { serve } from "./lines.mjs";

const [baseUrl] = process.argv.slice(2);

await withScript(fileURLToPath(new URL("page_client.mjs", import.meta.url)), (origin) =>
  withPage(async (page) => {
    await page.goto(origin);
    await page.waitForFunction(() => globalThis.finished);
    await serve(({ client, ...wanted }) =>
      page.evaluate(([name, url, what]) => globalThis.call(name, url, what), [client, baseUrl, wanted]));
  }));
