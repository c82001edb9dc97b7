// The base map: countries of Natural Earth that ship with the product, the gazetteer's own boundaries and names where
// they are loaded, and tiles of a server where one is configured. Nothing is fetched from elsewhere.
import { Map as MapLibreMap, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { feature, mesh } from "topojson-client";

export const FONT = ["Noto Sans", "Noto Sans Arabic", "sans-serif"];
const SEA = "#dde3e6";
const LAND = "#f5f2ec";
const BORDER = "#a79f90";
const HALO = "#f5f2ec";

setWorkerUrl("/static/maplibre-gl-worker.js");

/** An empty GeoJSON source. */
export const nothing = () => ({ type: "FeatureCollection", features: [] });

/** A map in `container`; resolves when the base map is in it. `language` is that of the names. */
export async function makeMap(container, { tiles, language, ...options }) {
  const map = new MapLibreMap({
    container,
    style: { version: 8, sources: {}, layers: [{ id: "sea", type: "background", paint: { "background-color": SEA } }] },
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
  const countries = await (await fetch("/static/countries.json")).json();
  if (!map.isStyleLoaded()) await map.once("load");
  addCountries(map, countries);
  if (tiles) {
    map.addSource("tiles", { type: "raster", tiles: [tiles], tileSize: 256, maxzoom: 19 });
    map.addLayer({ id: "tiles", type: "raster", source: "tiles" });
  }
  addUnits(map, await (await fetch(`/map/context?lang=${language}`)).json());
  return map;
}

function attribution(tiles) {
  return tiles ? "Natural Earth; © OpenStreetMap contributors" : "Natural Earth";
}

function addCountries(map, world) {
  map.addSource("land", { type: "geojson", data: feature(world, world.objects.countries) });
  map.addSource("borders", { type: "geojson", data: mesh(world, world.objects.countries, (a, b) => a !== b) });
  map.addLayer({ id: "land", type: "fill", source: "land", paint: { "fill-color": LAND, "fill-antialias": true } });
  map.addLayer({ id: "borders", type: "line", source: "borders", paint: { "line-color": BORDER, "line-width": 1.2 } });
}

/** Governorates as fine lines, and the names of countries, governorates and larger places. */
function addUnits(map, context) {
  map.addSource("units", { type: "geojson", data: context.units });
  map.addSource("names", { type: "geojson", data: context.names });
  map.addLayer({
    id: "units", type: "line", source: "units", minzoom: 5,
    paint: { "line-color": BORDER, "line-width": 0.6, "line-dasharray": [3, 2] },
  });
  map.addLayer({
    id: "names", type: "symbol", source: "names",
    filter: [">=", ["zoom"], ["get", "from_zoom"]],
    layout: {
      "text-field": ["get", "name"], "text-font": FONT, "text-size": ["get", "size"], "text-padding": 6,
      "symbol-sort-key": ["get", "rank"],
    },
    paint: { "text-color": "#5d6670", "text-halo-color": HALO, "text-halo-width": 1.4 },
  });
}
