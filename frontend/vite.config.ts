import { defineConfig } from "vite";

import { compressed } from "./compressed";
import { utrecht } from "./styles/utrecht";

// Every entry gets a hash in its name; the portal reads the manifest and serves dist/ below /static/.
export default defineConfig({
  base: "/static/",
  plugins: [compressed],
  css: { postcss: { plugins: [utrecht] } },
  build: {
    outDir: "dist",
    manifest: true,
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: ["styles/portal.css", "styles/letter.css", "scripts/link.ts", "scripts/copy.ts", "scripts/stay.ts"],
    },
  },
});
