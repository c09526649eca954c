// What was built, once more in every encoding that this Node can write: the portal sends what a browser asks for.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as zlib from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(?:css|js|mjs|svg|json|wasm)$/;
const WORTH_IT_BYTES = 1_000;
const LARGE_BYTES = 300_000;

type Encoder = (content: Buffer) => Buffer;

/** Brotli's last steps cost seconds for a megabyte and win a percent: large files do without them. */
function brotli(content: Buffer): Buffer {
  const quality = content.length < LARGE_BYTES ? zlib.constants.BROTLI_MAX_QUALITY : 9;
  return zlib.brotliCompressSync(content, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: quality } });
}

/** Zstandard came with Node 22.15; an older one leaves it out, and browsers get Brotli. */
function encoders(): Map<string, Encoder> {
  const known = new Map<string, Encoder>([
    [".br", brotli],
    [".gz", (content) => zlib.gzipSync(content, { level: 9 })],
  ]);
  const zstd = (zlib as { zstdCompressSync?: Encoder }).zstdCompressSync;
  if (zstd !== undefined) known.set(".zstd", (content) => zstd(content));
  return known;
}

/** A step of Vite that writes `name.css.br`, `name.css.gz` and, where there is one, `name.css.zstd` beside `name.css`. */
export const compressed: Plugin = {
  name: "compressed",
  apply: "build",
  writeBundle({ dir }) {
    const folder = dir ?? "dist";
    const all = encoders();
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const path = join(folder, name);
      if (!TEXT.test(name) || name.startsWith(".") || statSync(path).size < WORTH_IT_BYTES) continue;
      const content = readFileSync(path);
      for (const [ending, encode] of all) {
        const smaller = encode(content);
        if (smaller.length < content.length * 0.95) writeFileSync(path + ending, smaller);
      }
    }
  },
};
