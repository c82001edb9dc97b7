// The map page: the map beside the list, both of what the address asks for.
import { LngLatBounds } from "maplibre-gl";
import { Address } from "./address.js";
import { makeMap } from "./basemap.js";
import { Drawing } from "./drawing.js";
import { Markers } from "./markers.js";
import { showSlider } from "./slider.js";
import { View } from "./view.js";

const FIT = { padding: 48, maxZoom: 13 };
/** Nearer than this two places are not told apart by looking closer. */
const CLOSEST = 18;
const CLOSEST_DEGREES = 0.0005;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const frame = document.querySelector("#map");
const form = document.querySelector("#filters");
const results = document.querySelector("#results");
const hint = document.querySelector("#drawing-hint");

/** What is asked for now, with the days as the handles of the slider have them. */
function asked(address) {
  const params = address.params;
  for (const field of ["from", "to"]) {
    const { value } = form.elements[field];
    value ? params.set(field, value) : params.delete(field);
  }
  return params;
}

/** The bounds of the area asked for, else of all places; null without any. */
function bounds() {
  const sides = results.dataset.area || results.dataset.extent;
  if (!sides) return null;
  const [west, south, east, north] = sides.split(",").map(Number);
  return new LngLatBounds([west, south], [east, north]);
}

async function showArea(markers, overlay, params) {
  markers.ask(results.dataset.area ? await (await fetch(`/map/area?${params}`)).json() : null);
  overlay.paint();
}

function showDays(view, address) {
  const [least, most] = (results.dataset.days || "0,0").split(",").map(Number);
  showSlider(form, [least, most], (time) => view.ask(asked(address), time));
}

/** Looks closer at a marker of several places, or lists what lies at one. */
async function open(map, address, [, , , , kind, [west, south, east, north]]) {
  const apart = Math.max(east - west, north - south) > CLOSEST_DEGREES;
  if (kind === "many" && apart && map.getZoom() < CLOSEST) {
    map.fitBounds([[west, south], [east, north]], { padding: 80, maxZoom: CLOSEST, animate: !STILL.matches });
    return;
  }
  const corners = west === east && south === north ? [west, south] : [west, south, east, north];
  await address.change({ stack: corners.map((degrees) => degrees.toFixed(6)).join(",") });
  results.focus({ preventScroll: false });
}

function listen(map, overlay, address, markers, view) {
  const drawing = new Drawing(map, overlay, hint, (field, text) => address.draw(field, text));
  const [box, polygon, clear] = ["#draw-box", "#draw-polygon", "#clear-area"].map((id) => document.querySelector(id));
  box.addEventListener("click", () => drawing.toggle(box, "box", frame.dataset.hintBox));
  polygon.addEventListener("click", () => drawing.toggle(polygon, "polygon", frame.dataset.hintPolygon));
  clear.addEventListener("click", () => address.draw("bbox", ""));
  const project = (place) => map.project(place);
  map.on("move", ({ originalEvent }) => view.ask(asked(address), originalEvent?.timeStamp));
  map.on("click", ({ point }) => {
    const found = drawing.busy ? null : markers.at(point, project);
    if (found) open(map, address, found);
  });
  map.on("mousemove", ({ point }) => (map.getCanvas().style.cursor = markers.at(point, project) ? "pointer" : ""));
  document.querySelector(".tools").hidden = false;
}

function start() {
  const markers = new Markers();
  const { map, overlay, names } = makeMap(frame, {
    tiles: frame.dataset.tiles, language: frame.dataset.language, center: [40, 34.5], zoom: 5, hash: true,
    bounds: bounds() ?? undefined, fitBoundsOptions: FIT, taken: (project) => markers.boxes(project),
  });
  overlay.add(names);
  overlay.add(markers);
  const view = new View(map, async (shown, good) => {
    // What the map lacks is said: an empty one would say that there is nothing.
    if (!good) hint.textContent = shown.detail ?? shown.title;
    if (!good || shown === null) return;
    markers.set(shown);
    frame.dataset.shown = shown.incidents;
    await overlay.paint();
    frame.dataset.drawn = Number(frame.dataset.drawn ?? 0) + 1;
  });
  const address = new Address(form, results, (params) => {
    showDays(view, address);
    showArea(markers, overlay, params);
    if (results.dataset.area && !params.has("stack")) map.fitBounds(bounds(), { ...FIT, animate: false });
    view.ask(asked(address));
  });
  listen(map, overlay, address, markers, view);
  showDays(view, address);
  if (results.dataset.area) showArea(markers, overlay, address.params);
  view.ask(asked(address), 0);
  map.once("idle", () => (frame.dataset.ready = "true"));
}

try {
  start();
} catch (error) {
  // Without WebGL there is no map; the list beside it holds everything.
  const note = document.createElement("p");
  note.className = "note";
  note.textContent = frame.dataset.failed;
  frame.replaceChildren(note);
  console.error(error);
}
