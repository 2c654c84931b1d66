// Beside each built text lies its compressed self, so that the service compresses nothing while people wait.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const ASSETS = new URL("../api/page/assets/", import.meta.url);
for (const name of readdirSync(ASSETS)) {
  if (!/\.(js|css)$/.test(name)) continue;
  const content = readFileSync(new URL(name, ASSETS));
  writeFileSync(new URL(`${name}.br`, ASSETS), brotliCompressSync(content));
  writeFileSync(new URL(`${name}.gz`, ASSETS), gzipSync(content, { level: 9 }));
}
