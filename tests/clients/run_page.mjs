// Runs a script as a page and passes on what it logs: node run_page.mjs FILE; $TOKEN is the answer to its prompt.

import { withPage, withScript } from "./browser.mjs";

await withScript(process.argv[2], (origin) =>
  withPage(async (page) => {
    page.on("dialog", (dialog) => dialog.accept(process.env.TOKEN));
    page.on("console", (message) => console.log(message.text()));
    page.on("pageerror", (error) => { console.error(error); process.exit(1); });
    await page.goto(origin);
    await page.waitForFunction(() => globalThis.finished);
  }));
