// A page in headless Chromium, its script bundled as a product would bundle it, on an origin of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { build } from "esbuild";
import { chromium } from "playwright-core";

const FLAGS = [
  // A CI runs as root, where Chromium's sandbox cannot; only our own pages are opened. The rest keeps it off the network.
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const PATIENCE_MS = 120_000;

// Calls use(page) in a browser that ends with it.
export async function withPage(use) {
  const profile = await mkdtemp(join(tmpdir(), "chromium-"));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM, headless: true, args: FLAGS, viewport: { width: 1200, height: 880 },
      timeout: PATIENCE_MS,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    try {
      return await use(context.pages()[0] ?? await context.newPage());
    } finally {
      await context.close();
    }
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}

// Calls use(url) while a page is served there that runs the script and then sets `finished`.
export async function withScript(file, use) {
  const bundle = await build({
    entryPoints: [file], bundle: true, write: false, format: "esm", logLevel: "error",
    footer: { js: "globalThis.finished = true;" },
  });
  const script = Buffer.from(bundle.outputFiles[0].contents);
  const html = '<!doctype html><meta charset="utf-8"><title>client</title><script type="module" src="/script.js"></script>';
  const server = createServer((request, response) => {
    const isScript = request.url === "/script.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    response.end(isScript ? script : html);
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  try {
    return await use(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
