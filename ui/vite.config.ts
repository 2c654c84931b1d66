import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

// The service puts a fresh nonce in the place of this word whenever it hands out the page (api/pages.py).
const NONCE = "esep-nonce";

export default defineConfig({
  plugins: [preact()],
  html: { cspNonce: NONCE },
  build: { outDir: "../api/page", emptyOutDir: true, target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
