// Builds what the pages load into static/: one script, its worker, the styles and the base map. Run by scripts/build_web.py.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { feature, mesh } from "topojson-client";

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
writeBaseMap();
cpSync("client/page.css", "static/page.css");
cpSync("client/icon.svg", "static/icon.svg");
const licences = [
  ["MapLibre GL JS", `${modules}/maplibre-gl/LICENSE.txt`],
  ["world-atlas", `${modules}/world-atlas/LICENSE`],
].map(([name, file]) => `${name}\n\n${readFileSync(file, "utf8")}`);
writeFileSync("static/licences.txt", licences.join("\n\n----\n\n"));

/** Land and borders as plain GeoJSON: the worker of the map reads them, and the page has nothing to convert. */
function writeBaseMap() {
  const [land, countries] = ["land", "countries"].map((name) => JSON.parse(readFileSync(`${modules}/world-atlas/${name}-50m.json`, "utf8")));
  writeFileSync("static/land.json", rounded(feature(land, land.objects.land)));
  writeFileSync("static/borders.json", rounded(mesh(countries, countries.objects.countries, (a, b) => a !== b)));
}

/** GeoJSON with degrees to three decimals, which is finer than the maps of this scale are. */
function rounded(geometry) {
  return JSON.stringify(geometry, (_, value) => (typeof value === "number" ? Number(value.toFixed(3)) : value));
}
