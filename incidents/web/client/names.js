// The names of places, for orientation: the greater ones first, beside what is drawn, never over each other.
import { FONT, write } from "./overlay.js";

const COLOUR = "#5d6670";
const GAP = 4;
/** Where a name is tried, in pixels below its point. */
const TRIED = [0, 26, -26];

/** Paints names of /map/context; `taken()` gives the boxes [left, top, right, bottom] of what must not be covered. */
export class Names {
  #names = [];
  #widths = new Map();
  #taken;

  constructor(taken = () => []) {
    this.#taken = taken;
  }

  /** The names to paint, the greatest first. */
  set(names) {
    this.#names = names;
  }

  paint(pen, project, { wide, tall, zoom }) {
    const taken = [...this.#taken(project)];
    for (const { name, at, size, from_zoom } of this.#names) {
      if (zoom < from_zoom) continue;
      const { x, y } = project(at);
      if (x < -80 || y < -30 || x > wide + 80 || y > tall + 30) continue;
      const half = this.#width(pen, name, size) / 2 + GAP;
      const boxes = TRIED.map((down) => [x - half, y + down - size * 0.7, x + half, y + down + size * 0.7]);
      const free = boxes.find((box) => !taken.some((other) => meet(box, other)));
      if (!free) continue;
      taken.push(free);
      write(pen, name, x, (free[1] + free[3]) / 2, { colour: COLOUR, size });
    }
  }

  #width(pen, name, size) {
    const key = `${size} ${name}`;
    if (!this.#widths.has(key)) {
      pen.font = `${size}px ${FONT}`;
      this.#widths.set(key, pen.measureText(name).width);
    }
    return this.#widths.get(key);
  }
}

const meet = (one, other) => one[0] < other[2] && one[2] > other[0] && one[1] < other[3] && one[3] > other[1];
