// What a person does at /docs: node try_page.mjs URL FOLDER; $TOKEN is what they authorise with. Prints what they see, and
// leaves pictures of the page and of the answer in the folder.

import { withPage } from "./browser.mjs";

const [url, folder] = process.argv.slice(2);

await withPage(async (page) => {
  const elsewhere = [];
  const errors = [];
  page.on("request", (request) => { if (!request.url().startsWith(url) && !request.url().startsWith("data:")) elsewhere.push(request.url()); });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });

  await page.goto(`${url}/docs`);
  await page.getByRole("button", { name: "Authorize" }).click();
  await page.getByLabel("auth-bearer-value").fill(process.env.TOKEN);
  await page.getByRole("button", { name: "Apply credentials" }).click();
  await page.getByRole("button", { name: "Close" }).click();
  await page.screenshot({ path: `${folder}/page.png` });
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  const answer = page.locator(".live-responses-table .response").first();
  await answer.waitFor();
  const status = await answer.locator(".response-col_status").innerText();
  const body = await answer.locator(".response-col_description pre").first().innerText();
  await answer.screenshot({ path: `${folder}/answer.png` });
  console.log(JSON.stringify({ status, body, elsewhere, errors }));
});
