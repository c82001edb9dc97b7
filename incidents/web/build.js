// Builds what the pages load into static/: one script, its worker, the styles and the base map. Run by scripts/build_web.py.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const modules = "node_modules";
rmSync("static", { recursive: true, force: true });
mkdirSync("static");
await build({
  entryPoints: ["client/map.js", "client/place.js"],
  outdir: "static",
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  chunkNames: "part-[hash]",
  legalComments: "linked",
});
cpSync(`${modules}/maplibre-gl/dist/maplibre-gl-worker.mjs`, "static/maplibre-gl-worker.js");
cpSync(`${modules}/maplibre-gl/dist/maplibre-gl.css`, "static/maplibre-gl.css");
cpSync(`${modules}/world-atlas/countries-50m.json`, "static/countries.json");
cpSync("client/page.css", "static/page.css");
cpSync("client/icon.svg", "static/icon.svg");
const licences = [
  ["MapLibre GL JS", `${modules}/maplibre-gl/LICENSE.txt`],
  ["world-atlas", `${modules}/world-atlas/LICENSE`],
  ["topojson-client", `${modules}/topojson-client/LICENSE`],
].map(([name, file]) => `${name}\n\n${readFileSync(file, "utf8")}`);
writeFileSync("static/licences.txt", licences.join("\n\n----\n\n"));
