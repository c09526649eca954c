import { defineConfig } from "vite";

import { compressed } from "./compressed";
import { utrecht } from "./styles/utrecht";

// Every entry gets a hash in its name; the portal reads the manifest and serves dist/ below /static/.
export default defineConfig({
  base: "/static/",
  plugins: [compressed],
  css: { postcss: { plugins: [utrecht] } },
  // The decoders of the viewer run in workers that load their codecs when an image needs one.
  worker: { format: "es" },
  // A library of the viewer asks for Node's module of this name; the slash leads to the package instead.
  resolve: { alias: { events: "events/" } },
  build: {
    outDir: "dist",
    manifest: true,
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: ["styles/portal.css", "styles/letter.css", "styles/styleguide.css", "scripts/link.ts", "scripts/copy.ts", "scripts/chosen.ts", "scripts/stay.ts", "scripts/progress.ts", "scripts/thumbnails.ts", "scripts/coming.ts", "viewer/main.ts", "viewer/viewer.css"],
    },
  },
});
