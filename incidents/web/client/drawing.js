// Drawing a box or a polygon on the map. The same can be typed into the filters, so nobody needs a pointer.
import { trace } from "./overlay.js";

const DECIMALS = 4;

/** Lets people draw on `map`; `done(field, text)` gets what was drawn as the address writes it. */
export class Drawing {
  #map;
  #done;
  #hint;
  #overlay;
  #line = [];
  #stop = () => {};

  constructor(map, overlay, hint, done) {
    this.#map = map;
    this.#overlay = overlay;
    this.#hint = hint;
    this.#done = done;
    overlay.add(this);
  }

  paint(pen, project) {
    trace(pen, { type: "LineString", coordinates: this.#line }, project);
    pen.strokeStyle = "#1d2a35";
    pen.lineWidth = 2;
    pen.setLineDash([4, 2]);
    pen.stroke();
  }

  /** Starts drawing with `button` pressed in; a second press ends it. */
  toggle(button, kind, hint) {
    const drawing = button.getAttribute("aria-pressed") === "true";
    this.#stop();
    if (!drawing) this.#start(button, kind, hint);
  }

  #start(button, kind, hint) {
    const canvas = this.#map.getCanvasContainer();
    const leave = kind === "box" ? this.#box(canvas) : this.#polygon(canvas);
    const escape = (event) => event.key === "Escape" && this.#stop();
    document.addEventListener("keydown", escape);
    button.setAttribute("aria-pressed", "true");
    canvas.classList.add("drawing");
    this.#hint.textContent = hint;
    this.#stop = () => {
      leave();
      document.removeEventListener("keydown", escape);
      button.setAttribute("aria-pressed", "false");
      canvas.classList.remove("drawing");
      this.#hint.textContent = "";
      this.#show([]);
      this.#stop = () => {};
    };
  }

  #finish(field, text) {
    this.#stop();
    this.#done(field, text);
  }

  #box(canvas) {
    let start = null;
    const place = (event) => {
      const frame = canvas.getBoundingClientRect();
      return this.#map.unproject([event.clientX - frame.left, event.clientY - frame.top]);
    };
    const down = (event) => {
      start = place(event);
      event.preventDefault();
    };
    const move = (event) => start && this.#show(corners(start, place(event)));
    const up = (event) => {
      if (!start) return;
      const end = place(event);
      const sides = [Math.min(start.lng, end.lng), Math.min(start.lat, end.lat), Math.max(start.lng, end.lng), Math.max(start.lat, end.lat)];
      start = null;
      if (sides[0] < sides[2] && sides[1] < sides[3]) this.#finish("bbox", sides.map(fixed).join(","));
    };
    this.#map.dragPan.disable();
    const listeners = [["pointerdown", down], ["pointermove", move], ["pointerup", up]];
    for (const [name, listener] of listeners) canvas.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of listeners) canvas.removeEventListener(name, listener);
      this.#map.dragPan.enable();
    };
  }

  #polygon() {
    const drawn = [];
    const add = (event) => {
      const corner = [event.lngLat.lng, event.lngLat.lat];
      const last = drawn.at(-1);
      if (!last || fixed(last[0]) !== fixed(corner[0]) || fixed(last[1]) !== fixed(corner[1])) drawn.push(corner);
      this.#show(drawn);
    };
    const move = (event) => drawn.length > 0 && this.#show([...drawn, [event.lngLat.lng, event.lngLat.lat], drawn[0]]);
    const end = () => drawn.length > 2 && this.#finish("polygon", drawn.map((corner) => corner.map(fixed).join(",")).join(";"));
    const enter = (event) => event.key === "Enter" && end();
    this.#map.doubleClickZoom.disable();
    const heard = [["click", add], ["mousemove", move], ["dblclick", end]];
    for (const [name, listener] of heard) this.#map.on(name, listener);
    document.addEventListener("keydown", enter);
    return () => {
      for (const [name, listener] of heard) this.#map.off(name, listener);
      document.removeEventListener("keydown", enter);
      // The double click that ends would zoom as well, were it heard by the map at once.
      setTimeout(() => this.#map.doubleClickZoom.enable());
    };
  }

  #show(line) {
    this.#line = [...line];
    this.#overlay.paint();
  }

  /** Whether a click belongs to the drawing. */
  get busy() {
    return this.#map.getCanvasContainer().classList.contains("drawing");
  }
}

const fixed = (degrees) => degrees.toFixed(DECIMALS);
const corners = (a, b) => [[a.lng, a.lat], [b.lng, a.lat], [b.lng, b.lat], [a.lng, b.lat], [a.lng, a.lat]];
