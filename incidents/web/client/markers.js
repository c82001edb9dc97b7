// The markers: places with a count, areas for what is not known to a kilometre, and lines between rival places.
import { FONT, nothing } from "./basemap.js";

const INK = "#1d2a35";
const AREA = "#7d6237";
const RIVAL = "#7a2e2e";
const PAPER = "#fbfaf7";
const KNOWN_M = 1000;
const DEGREE_M = 111195;
const CORNERS = 48;
const MOST_AREAS = 40;
const CLUSTERED_TO = 9;
/** The zoom from which areas are drawn. */
export const AREAS_FROM = 8;

/** Adds the sources and layers of the markers to `map`. */
export function addMarkers(map) {
  map.addSource("asked", { type: "geojson", data: nothing() });
  map.addSource("areas", { type: "geojson", data: nothing() });
  map.addSource("rivals", { type: "geojson", data: nothing() });
  map.addSource("places", {
    type: "geojson", data: nothing(), cluster: true, clusterMaxZoom: CLUSTERED_TO, clusterRadius: 46,
    clusterProperties: { incidents: ["+", ["get", "incidents"]] },
  });
  map.addLayer({ id: "asked", type: "line", source: "asked", paint: { "line-color": INK, "line-width": 2 } });
  map.addLayer({
    id: "areas", type: "fill", source: "areas", minzoom: AREAS_FROM,
    paint: { "fill-color": AREA, "fill-opacity": 0.04 },
  });
  map.addLayer({
    id: "area-edges", type: "line", source: "areas", minzoom: AREAS_FROM,
    paint: { "line-color": AREA, "line-width": 1, "line-dasharray": [4, 3], "line-opacity": 0.6 },
  });
  map.addLayer({
    id: "rivals", type: "line", source: "rivals", minzoom: 6, filter: ["==", ["geometry-type"], "LineString"],
    paint: { "line-color": RIVAL, "line-width": 1.5, "line-dasharray": [2, 2] },
  });
  map.addLayer({
    id: "rival-ends", type: "circle", source: "rivals", minzoom: 6, filter: ["==", ["geometry-type"], "Point"],
    paint: { "circle-radius": 4, "circle-color": PAPER, "circle-stroke-color": RIVAL, "circle-stroke-width": 1.5 },
  });
  map.addLayer({
    id: "rival-distances", type: "symbol", source: "rivals", minzoom: 7,
    filter: ["==", ["geometry-type"], "LineString"],
    layout: { "text-field": ["get", "distance"], "text-font": FONT, "text-size": 12, "symbol-placement": "line-center", "text-offset": [0, -0.9] },
    paint: { "text-color": RIVAL, "text-halo-color": PAPER, "text-halo-width": 1.5 },
  });
  addPlaces(map);
}

function addPlaces(map) {
  const several = [">", ["get", "incidents"], 1];
  const vague = ["==", ["get", "kind"], "area"];
  const clustered = ["has", "point_count"];
  map.addLayer({
    id: "places", type: "circle", source: "places",
    paint: {
      "circle-radius": ["case", several, ["interpolate", ["linear"], ["log10", ["get", "incidents"]], 0, 9, 4, 26], vague, 6, 5],
      // A place that is not known to a kilometre is a ring, never a point.
      "circle-color": ["case", vague, "rgba(251, 250, 247, 0.75)", INK],
      "circle-opacity": ["case", clustered, 0.88, 1],
      "circle-stroke-color": ["case", vague, AREA, PAPER],
      "circle-stroke-width": ["case", vague, 2, 1],
    },
  });
  map.addLayer({
    id: "counts", type: "symbol", source: "places", filter: several,
    layout: { "text-field": ["to-string", ["get", "incidents"]], "text-font": FONT, "text-size": 12, "text-allow-overlap": true },
    paint: { "text-color": ["case", vague, "#4a3a1e", PAPER] },
  });
}

/** What `columns` (of /map/markers) draw for the days `from` to `to`, as the data of their sources. */
export function drawn(columns, from, to) {
  const counts = new Map();
  const shown = columns.place.map((place, marker) => {
    const seen = columns.last[marker] >= from && columns.first[marker] <= to;
    if (seen) counts.set(place, (counts.get(place) ?? 0) + columns.incidents[marker]);
    return seen;
  });
  const places = [];
  for (const [place, incidents] of counts) {
    const kind = isArea(columns, place) ? "area" : "point";
    places.push({ type: "Feature", properties: { place, incidents, kind }, geometry: { type: "Point", coordinates: at(columns, place) } });
  }
  const rivals = columns.rivals.filter(([marker]) => shown[marker]).flatMap((rival) => rivalFeatures(columns, rival));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { places: collection(places), rivals: collection(rivals), total };
}

/** The areas of those of `places` (points of `drawn`) that reach into `bounds`, the smallest of them. Those that hold the
 *  whole view say nothing in it, and hundreds over each other would hide the map; their places stay rings. */
export function areas(columns, places, bounds) {
  const wide = (bounds.getNorth() - bounds.getSouth()) * DEGREE_M;
  const size = ({ properties: { place } }) => columns.radius_m[place] ?? wide / 2;
  const found = places
    .filter((one) => one.properties.kind === "area" && size(one) < wide && reaches(columns, one.properties.place, bounds))
    .sort((one, other) => size(one) - size(other))
    .slice(0, MOST_AREAS);
  return collection(found.map(({ properties }) => ({ type: "Feature", properties, geometry: outline(columns, properties.place) })));
}

function reaches(columns, place, bounds) {
  if (columns.area[place] !== null) return true;
  const [lon, lat] = at(columns, place);
  const tall = columns.radius_m[place] / DEGREE_M;
  const wide = tall / Math.max(0.05, Math.cos((lat * Math.PI) / 180));
  const inside = lon + wide > bounds.getWest() && lon - wide < bounds.getEast();
  return inside && lat + tall > bounds.getSouth() && lat - tall < bounds.getNorth();
}

const collection = (features) => ({ type: "FeatureCollection", features });
const at = (columns, place) => [columns.lon[place], columns.lat[place]];
const isArea = (columns, place) => columns.area[place] !== null || columns.radius_m[place] > KNOWN_M;

function rivalFeatures(columns, [marker, place, metres]) {
  const ends = [at(columns, columns.place[marker]), at(columns, place)];
  const distance = metres < 1000 ? `${metres} m` : `${(metres / 1000).toFixed(1)} km`;
  return [
    { type: "Feature", properties: { distance }, geometry: { type: "LineString", coordinates: ends } },
    { type: "Feature", properties: { place, kind: isArea(columns, place) ? "area" : "point" }, geometry: { type: "Point", coordinates: ends[1] } },
  ];
}

function outline(columns, place) {
  const area = columns.areas[columns.area[place]];
  return area ?? { type: "Polygon", coordinates: [ring(columns, place)] };
}

/** The circle of a place's radius as a ring of corners; drawing needs no more than a sphere. */
function ring(columns, place) {
  return circle(...at(columns, place), columns.radius_m[place]);
}

/** A circle of `metres` round a point, as a closed ring of corners in degrees. */
export function circle(lon, lat, metres) {
  const tall = metres / DEGREE_M;
  const wide = tall / Math.max(0.05, Math.cos((lat * Math.PI) / 180));
  return Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (2 * Math.PI * (corner % CORNERS)) / CORNERS;
    return [lon + wide * Math.cos(angle), lat + tall * Math.sin(angle)];
  });
}
