// The map page: the map beside the list, both of what the address asks for.
import { LngLatBounds } from "maplibre-gl";
import { Address } from "./address.js";
import { makeMap } from "./basemap.js";
import { Drawing } from "./drawing.js";
import { addMarkers, areas, AREAS_FROM, drawn } from "./markers.js";
import { days, showSlider } from "./slider.js";

const NO_DAY = -(2 ** 31);
/** What of the address the list heeds and the markers do not: the map hides by time itself. */
const LISTED = ["from", "to", "stack", "skip", "unlocated", "lang"];
const frame = document.querySelector("#map");
const form = document.querySelector("#filters");
const results = document.querySelector("#results");
const hint = document.querySelector("#drawing-hint");
let columns = null;
let shown = null;
let loaded = null;
let waiting = null;

/** Draws what is asked for; tests and people who measure find how long it took under the name `drawn`. */
function draw(map) {
  if (columns === null) return;
  const began = performance.now();
  shown = drawn(columns, ...days(form));
  for (const name of ["places", "rivals"]) map.getSource(name).setData(shown[name]);
  drawAreas(map);
  frame.dataset.shown = shown.total;
  map.once("idle", () => {
    performance.measure("drawn", { start: began });
    frame.dataset.drawn = Number(frame.dataset.drawn ?? 0) + 1;
  });
}

/** Draws the areas in view: all of them at once would be thousands of polygons that nobody sees. */
function drawAreas(map) {
  if (shown === null) return;
  const near = map.getZoom() >= AREAS_FROM ? [...shown.places.features, ...shown.rivals.features] : [];
  map.getSource("areas").setData(areas(columns, near, map.getBounds()));
}

/** Draws at the next frame, however often a handle moved since the last. */
function drawSoon(map) {
  waiting ??= requestAnimationFrame(() => {
    waiting = null;
    draw(map);
  });
}

async function load(map, params) {
  const asked = new URLSearchParams(params);
  for (const field of LISTED) asked.delete(field);
  if (loaded !== asked.toString()) {
    const response = await fetch(`/map/markers?${asked}`);
    columns = response.ok ? await response.json() : null;
    loaded = asked.toString();
    map.getSource("asked").setData(columns?.asked ?? { type: "FeatureCollection", features: [] });
  }
  if (columns === null) return;
  const known = columns.first.filter((day) => day !== NO_DAY);
  const least = known.reduce((a, b) => Math.min(a, b), Infinity);
  const most = columns.last.reduce((a, b) => Math.max(a, b), -Infinity);
  showSlider(form, [least, most], () => drawSoon(map));
  draw(map);
}

/** The view that holds the area asked for, else all places. */
function look(map) {
  const extent = results.dataset.extent;
  const bounds = new LngLatBounds();
  if (extent) {
    const [west, south, east, north] = extent.split(",").map(Number);
    bounds.extend([west, south]).extend([east, north]);
  } else {
    for (const place of columns?.place ?? []) bounds.extend([columns.lon[place], columns.lat[place]]);
  }
  if (!bounds.isEmpty()) map.fitBounds(bounds, { padding: 48, maxZoom: 13, animate: false });
}

async function open(map, address, event) {
  const [found] = map.queryRenderedFeatures(event.point, { layers: ["places"] });
  if (!found) return;
  if (found.properties.cluster) {
    const zoom = await map.getSource("places").getClusterExpansionZoom(found.properties.cluster_id);
    map.easeTo({ center: found.geometry.coordinates, zoom, animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
    return;
  }
  const { place } = found.properties;
  await address.change({ stack: `${columns.lon[place].toFixed(6)},${columns.lat[place].toFixed(6)}` });
  results.focus({ preventScroll: false });
}

function listen(map, address) {
  const drawing = new Drawing(map, hint, (field, text) => address.draw(field, text));
  const [box, polygon, clear] = ["#draw-box", "#draw-polygon", "#clear-area"].map((id) => document.querySelector(id));
  box.addEventListener("click", () => drawing.toggle(box, "box", frame.dataset.hintBox));
  polygon.addEventListener("click", () => drawing.toggle(polygon, "polygon", frame.dataset.hintPolygon));
  clear.addEventListener("click", () => address.draw("bbox", ""));
  map.on("moveend", () => drawAreas(map));
  map.on("click", (event) => drawing.busy || open(map, address, event));
  map.on("mouseenter", "places", () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "places", () => (map.getCanvas().style.cursor = ""));
  document.querySelector(".tools").hidden = false;
}

async function start() {
  const looked = location.hash !== "";
  const map = await makeMap(frame, { tiles: frame.dataset.tiles, language: frame.dataset.language, center: [40, 34.5], zoom: 5, hash: true });
  addMarkers(map);
  const address = new Address(form, results, async (params) => {
    await load(map, params);
    if (results.dataset.extent && !params.has("stack")) look(map);
  });
  listen(map, address);
  await load(map, address.params);
  if (!looked) look(map);
  frame.dataset.ready = "true";
}

start().catch((error) => {
  // Without WebGL there is no map; the list beside it holds everything.
  const note = document.createElement("p");
  note.className = "note";
  note.textContent = frame.dataset.failed;
  frame.replaceChildren(note);
  console.error(error);
});
