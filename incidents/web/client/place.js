// The small map of one incident: each place as its area, rival places joined to the one that stands for it. In the form
// that corrects a place it takes a point as well.
import { LngLatBounds } from "maplibre-gl";
import { makeMap } from "./basemap.js";
import { circle } from "./markers.js";

const LEAST_M = 15;

function placeFeatures(rows) {
  return rows.map(({ dataset }) => {
    const at = [Number(dataset.lon), Number(dataset.lat)];
    const outline = dataset.outline ? JSON.parse(dataset.outline) : { type: "Polygon", coordinates: [circle(...at, Math.max(LEAST_M, Number(dataset.radius)))] };
    return { at, primary: dataset.primary === "1", area: { type: "Feature", properties: { primary: dataset.primary === "1" }, geometry: outline } };
  });
}

async function start(frame) {
  frame.hidden = false;
  const places = placeFeatures([...document.querySelectorAll(".places [data-lon]")]);
  const { map } = makeMap(frame, { tiles: frame.dataset.tiles, language: frame.dataset.language, center: places[0]?.at ?? [40, 34.5], zoom: 6 });
  await map.once("load");
  const primary = places.find((place) => place.primary) ?? places[0];
  const lines = places.filter((place) => place !== primary).map((place) => ({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [primary.at, place.at] } }));
  const points = places.map(({ at, primary: first }) => ({ type: "Feature", properties: { primary: first }, geometry: { type: "Point", coordinates: at } }));
  const collection = (features) => ({ type: "geojson", data: { type: "FeatureCollection", features } });
  const colour = ["case", ["get", "primary"], "#1d2a35", "#7a2e2e"];
  map.addSource("areas", collection(places.map((place) => place.area)));
  map.addSource("lines", collection(lines));
  map.addSource("points", collection(points));
  map.addLayer({ id: "areas", type: "fill", source: "areas", paint: { "fill-color": colour, "fill-opacity": 0.1 } });
  map.addLayer({ id: "edges", type: "line", source: "areas", paint: { "line-color": colour, "line-width": 1.2, "line-dasharray": [4, 3] } });
  map.addLayer({ id: "lines", type: "line", source: "lines", paint: { "line-color": "#7a2e2e", "line-width": 1.5, "line-dasharray": [2, 2] } });
  map.addLayer({ id: "points", type: "circle", source: "points", paint: { "circle-radius": 3, "circle-color": "#fbfaf7", "circle-stroke-color": colour, "circle-stroke-width": 1.5 } });
  look(map, places);
  pick(map, frame);
  frame.dataset.ready = "true";
}

function look(map, places) {
  const bounds = new LngLatBounds();
  const corners = (coordinates) => (typeof coordinates[0] === "number" ? [coordinates] : coordinates.flatMap(corners));
  for (const { area } of places) for (const corner of corners(area.geometry.coordinates)) bounds.extend(corner);
  if (!bounds.isEmpty()) map.fitBounds(bounds, { padding: 40, maxZoom: 15, animate: false });
}

/** In a form, a click puts the point into its fields. */
function pick(map, frame) {
  const form = document.querySelector("form[data-picks]");
  if (!form) return;
  map.getCanvas().style.cursor = "crosshair";
  map.addSource("picked", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({ id: "picked", type: "circle", source: "picked", paint: { "circle-radius": 7, "circle-color": "rgba(185, 139, 47, 0.4)", "circle-stroke-color": "#b98b2f", "circle-stroke-width": 2 } });
  map.on("click", ({ lngLat }) => {
    form.elements.lon.value = lngLat.lng.toFixed(6);
    form.elements.lat.value = lngLat.lat.toFixed(6);
    form.elements.place.value = "";
    map.getSource("picked").setData({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lngLat.lng, lngLat.lat] } });
  });
  frame.dataset.picks = "true";
}

const frame = document.querySelector("#place-map");
if (frame) {
  start(frame).catch((error) => {
    // Without WebGL the list of places says the same.
    frame.hidden = true;
    console.error(error);
  });
}
