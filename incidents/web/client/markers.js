// The markers: counts of incidents, areas for what is not known to a kilometre, and lines between rival places.
import { FONT, trace, write } from "./overlay.js";

const INK = "#1d2a35";
const AREA = "#7d6237";
const RIVAL = "#7a2e2e";
const PAPER = "#fbfaf7";
const RING = "rgba(251, 250, 247, 0.9)";
const SHARE = "#d0a95f";
const DEGREE_M = 111195;
const CORNERS = 48;
const NUMBERS = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const RIVALS_FROM = 6;

/** Paints an answer of /map/view. */
export class Markers {
  #shown = { clusters: [], areas: [], rivals: [] };
  #asked = null;

  /** What to paint. */
  set(shown) {
    this.#shown = shown;
  }

  /** The outline of the area asked for, or null. */
  ask(outline) {
    this.#asked = outline;
  }

  paint(pen, project, { zoom }) {
    for (const area of this.#shown.areas) paintArea(pen, area, project);
    if (this.#asked) {
      trace(pen, this.#asked, project);
      stroke(pen, INK, 2);
    }
    if (zoom >= RIVALS_FROM) for (const rival of this.#shown.rivals) paintRival(pen, rival, project);
    // The greatest come first in the answer, and are drawn last, over the smaller ones.
    for (const cluster of this.#shown.clusters.toReversed()) paintCluster(pen, cluster, project);
  }

  /** The boxes of the markers on the canvas. */
  boxes(project) {
    return this.#shown.clusters.map((cluster) => {
      const { x, y } = project(middle(cluster));
      const size = radius(cluster) + 1;
      return [x - size, y - size, x + size, y + size];
    });
  }

  /** The marker at `point`, a pixel of the canvas. */
  at(point, project) {
    return this.#shown.clusters.find((cluster) => {
      const { x, y } = project(middle(cluster));
      return Math.hypot(x - point.x, y - point.y) <= radius(cluster) + 3;
    });
  }
}

const middle = ([lon, lat]) => [lon, lat];

function radius([, , count, , kind]) {
  if (count > 1) return Math.min(30, 9 + (17 * Math.log10(count)) / 4);
  return kind === "area" ? 6 : 5;
}

function paintCluster(pen, cluster, project) {
  const { x, y } = project(middle(cluster));
  const [, , count, wide, kind] = cluster;
  // A place that is not known to a kilometre is a ring, never a point.
  const vague = kind === "area" || (kind === "many" && wide === count);
  pen.beginPath();
  pen.arc(x, y, radius(cluster), 0, 2 * Math.PI);
  pen.fillStyle = vague ? RING : INK;
  pen.fill();
  stroke(pen, vague ? AREA : PAPER, vague ? 2 : 1);
  if (kind === "many" && !vague && wide > 0) paintShare(pen, x, y, radius(cluster), wide / count);
  if (count === 1) return;
  pen.font = `12px ${FONT}`;
  pen.fillStyle = vague ? "#4a3a1e" : PAPER;
  pen.fillText(count < 10_000 ? count : NUMBERS.format(count), x, y + 0.5);
}

/** The share of a count that is known only to a wider area, as an arc of the ring that such a place has. */
function paintShare(pen, x, y, size, share) {
  pen.beginPath();
  pen.arc(x, y, size - 2, -Math.PI / 2, (2 * share - 0.5) * Math.PI);
  stroke(pen, SHARE, 3);
}

function paintArea(pen, area, project) {
  trace(pen, Array.isArray(area) ? { type: "Polygon", coordinates: [circle(...area)] } : area, project);
  pen.fillStyle = AREA;
  pen.globalAlpha = 0.04;
  pen.fill("evenodd");
  pen.globalAlpha = 0.6;
  stroke(pen, AREA, 1, [4, 3]);
  pen.globalAlpha = 1;
}

function paintRival(pen, [lon, lat, otherLon, otherLat, metres, vague], project) {
  const [from, to] = [project([lon, lat]), project([otherLon, otherLat])];
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x, to.y);
  stroke(pen, RIVAL, 1.5, [5, 4]);
  pen.beginPath();
  pen.arc(to.x, to.y, vague ? 5 : 4, 0, 2 * Math.PI);
  pen.fillStyle = PAPER;
  pen.fill();
  stroke(pen, RIVAL, 1.5);
  if (Math.hypot(from.x - to.x, from.y - to.y) < 40) return;
  const distance = metres < 1000 ? `${metres} m` : `${(metres / 1000).toFixed(1)} km`;
  write(pen, distance, (from.x + to.x) / 2, (from.y + to.y) / 2 - 9, { colour: RIVAL, halo: PAPER });
}

function stroke(pen, colour, width, dashes = []) {
  pen.setLineDash(dashes);
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.stroke();
  pen.setLineDash([]);
}

/** A circle of `metres` round a point, as a closed ring of corners in degrees; drawing needs no more than a sphere. */
export function circle(lon, lat, metres) {
  const tall = metres / DEGREE_M;
  const wide = tall / Math.max(0.05, Math.cos((lat * Math.PI) / 180));
  return Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (2 * Math.PI * (corner % CORNERS)) / CORNERS;
    return [lon + wide * Math.cos(angle), lat + tall * Math.sin(angle)];
  });
}
