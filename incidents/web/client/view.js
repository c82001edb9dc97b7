// What the server counts for the view of the map: one question at a time, and of those that came meanwhile the last.

export class View {
  #map;
  #drawn;
  #wanted = null;
  #asking = false;

  /** `drawn(answer, good)` gets each answer (null where something is wrong with what was asked), or the problem that the
   *  server has. It resolves when it is drawn. */
  constructor(map, drawn) {
    this.#map = map;
    this.#drawn = drawn;
  }

  /** Asks for what `params` find in the view. Tests and people who measure find under `drawn` how long it took from
   *  `began`, the time of what the person did. */
  ask(params, began = performance.now()) {
    this.#wanted = { params, began: this.#wanted?.began ?? began };
    if (!this.#asking) this.#go();
  }

  async #go() {
    this.#asking = true;
    while (this.#wanted) {
      const { params, began } = this.#wanted;
      this.#wanted = null;
      const response = await fetch(`/map/view?${this.#question(params)}`);
      await this.#drawn(await response.json(), response.ok);
      performance.measure("drawn", { start: began });
    }
    this.#asking = false;
  }

  #question(params) {
    const bounds = this.#map.getBounds();
    const asked = new URLSearchParams(params);
    const sides = { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
    for (const [side, degrees] of Object.entries(sides)) asked.set(side, degrees.toFixed(6));
    asked.set("zoom", this.#map.getZoom().toFixed(3));
    return asked;
  }
}
