// What we draw ourselves lies on a canvas over the map: it changes with an answer of the server in a few milliseconds,
// where the layers of the map would be cut into tiles and drawn again with all of it. The browser shapes the letters.

export const FONT = '"Noto Sans", "Noto Sans Arabic", sans-serif';

/** The canvas over `map`; painters draw on it in the order in which they were added, at each frame of the map. */
export class Overlay {
  #map;
  #canvas = document.createElement("canvas");
  #painters = [];
  #waiting = null;

  constructor(map) {
    this.#map = map;
    this.#canvas.className = "overlay";
    map.getCanvasContainer().append(this.#canvas);
    map.on("render", () => this.#paint());
  }

  /** `painter.paint(pen, project)` gets the drawing context and what gives a place its pixel on it. */
  add(painter) {
    this.#painters.push(painter);
  }

  /** Draws at the next frame, with the map if it draws then. Resolves when it is on the screen. */
  async paint() {
    this.#waiting ??= nextFrame().then(() => {
      this.#waiting = null;
      this.#paint();
    });
    await this.#waiting;
    await nextFrame();
  }

  #paint() {
    const { clientWidth: wide, clientHeight: tall } = this.#map.getContainer();
    const fine = devicePixelRatio;
    if (this.#canvas.width !== Math.round(wide * fine) || this.#canvas.height !== Math.round(tall * fine)) {
      Object.assign(this.#canvas, { width: Math.round(wide * fine), height: Math.round(tall * fine) });
    }
    const pen = this.#canvas.getContext("2d");
    pen.setTransform(fine, 0, 0, fine, 0, 0);
    pen.clearRect(0, 0, wide, tall);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    const project = (place) => this.#map.project(place);
    for (const painter of this.#painters) {
      pen.save();
      painter.paint(pen, project, { wide, tall, zoom: this.#map.getZoom() });
      pen.restore();
    }
  }
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/** Puts the rings of a polygon (or the parts of several, or a line) on `pen` as one path. */
export function trace(pen, geometry, project) {
  pen.beginPath();
  for (const ring of rings(geometry)) {
    ring.forEach((place, corner) => {
      const { x, y } = project(place);
      corner === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y);
    });
    if (geometry.type !== "LineString") pen.closePath();
  }
}

function rings({ type, coordinates }) {
  if (type === "LineString") return [coordinates];
  return type === "Polygon" ? coordinates : coordinates.flat();
}

/** Writes `text` with a halo, so that it can be read on anything. */
export function write(pen, text, x, y, { colour, halo = "#f5f2ec", size = 12 }) {
  pen.font = `${size}px ${FONT}`;
  pen.lineWidth = 3;
  pen.strokeStyle = halo;
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}
