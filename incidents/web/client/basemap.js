// The base map: countries of Natural Earth that ship with the product, the gazetteer's own boundaries and names where
// they are loaded, and tiles of a server where one is configured. Nothing is fetched from elsewhere.
import { Map as MapLibreMap, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { Names } from "./names.js";
import { Overlay } from "./overlay.js";

const SEA = "#dde3e6";
const LAND = "#f5f2ec";
const BORDER = "#a79f90";

setWorkerUrl("/static/maplibre-gl-worker.js");

/** A map in `container` with a canvas over it, names on it; what else is painted goes below or above them.
 *  `painters(overlay, names)` adds them; `taken` is as for names. */
export function makeMap(container, { tiles, language, taken, ...options }) {
  const map = new MapLibreMap({
    container,
    style: style(tiles),
    attributionControl: { compact: true, customAttribution: attribution(tiles) },
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    fadeDuration: 0,
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }));
  map.addControl(new ScaleControl());
  const overlay = new Overlay(map);
  const names = new Names(taken);
  orient(map, overlay, names, language);
  return { map, overlay, names };
}

function attribution(tiles) {
  return tiles ? "Natural Earth; © OpenStreetMap contributors" : "Natural Earth";
}

function style(tiles) {
  const sources = {
    land: { type: "geojson", data: "/static/land.json" },
    borders: { type: "geojson", data: "/static/borders.json" },
  };
  const layers = [
    { id: "sea", type: "background", paint: { "background-color": SEA } },
    { id: "land", type: "fill", source: "land", paint: { "fill-color": LAND, "fill-antialias": true } },
    { id: "borders", type: "line", source: "borders", paint: { "line-color": BORDER, "line-width": 1.2 } },
  ];
  if (tiles) {
    sources.tiles = { type: "raster", tiles: [tiles], tileSize: 256, maxzoom: 19 };
    layers.push({ id: "tiles", type: "raster", source: "tiles" });
  }
  return { version: 8, sources, layers };
}

/** Governorates as fine lines, and the names of countries, governorates and larger places. */
async function orient(map, overlay, names, language) {
  const [context] = await Promise.all([
    fetch(`/map/context?lang=${language}`).then((response) => response.json()),
    map.isStyleLoaded() || map.once("style.load"),
  ]);
  names.set(context.names);
  overlay.paint();
  if (context.units.features.length === 0) return;
  map.addSource("units", { type: "geojson", data: context.units });
  map.addLayer({
    id: "units", type: "line", source: "units", minzoom: 5,
    paint: { "line-color": BORDER, "line-width": 0.6, "line-dasharray": [3, 2] },
  });
}
