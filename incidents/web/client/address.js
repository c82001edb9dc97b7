// The address bar holds the state of the page: what is asked for in the query, where the map looks in the fragment.

const DRAWN = ["bbox", "polygon"];

/** The form of the filters and the list beside the map, kept in step with the address. */
export class Address {
  #form;
  #results;
  #changed;
  #request = null;

  /** `changed(params)` is called after each step with what is asked for now. */
  constructor(form, results, changed) {
    this.#form = form;
    this.#results = results;
    this.#changed = changed;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.go(this.#asked());
    });
    form.addEventListener("change", (event) => {
      if (event.target instanceof HTMLSelectElement || event.target.type === "date") this.go(this.#asked());
    });
    results.addEventListener("click", (event) => this.#follow(event));
    addEventListener("popstate", () => this.#load(this.params));
  }

  /** What the address asks for. */
  get params() {
    return new URLSearchParams(location.search);
  }

  /** Asks for `params`: one step of the history, a new list and new markers. */
  go(params) {
    history.pushState(null, "", `/?${params}${location.hash}`);
    return this.#load(params);
  }

  /** Asks for the same with `changes`; an empty value takes a field out. */
  change(changes) {
    const params = this.params;
    for (const field of ["stack", "skip"]) params.delete(field);
    for (const [field, value] of Object.entries(changes)) value ? params.set(field, value) : params.delete(field);
    return this.go(params);
  }

  /** Asks for what was drawn; a place has one form at a time. */
  draw(field, text) {
    const cleared = Object.fromEntries([...DRAWN, "place", "at"].map((name) => [name, ""]));
    return this.change({ ...cleared, [field]: text });
  }

  #asked() {
    const filled = [...new FormData(this.#form)].filter(([, value]) => value.trim() !== "");
    return new URLSearchParams(filled);
  }

  #follow(event) {
    const link = event.target.closest("a");
    if (!link || link.pathname !== "/" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.go(new URLSearchParams(link.search));
  }

  /** Shows what is asked for in the form; fields keep the focus, so only what says of a mistake is replaced. */
  #fill(fresh, params) {
    if (this.#form.querySelector(".problem")) this.#form.replaceChildren(...fresh.childNodes);
    this.#form.querySelector("[name=at]")?.remove();
    const at = fresh.querySelector("[name=at]");
    if (at) this.#form.append(at);
    for (const field of this.#form.querySelectorAll("[name]")) field.value = params.get(field.name) ?? "";
  }

  async #load(params) {
    this.#request?.abort();
    this.#request = new AbortController();
    this.#results.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(`/?${params}`, { signal: this.#request.signal });
      // What is wrong is said beside its field: the page itself knows how.
      if (!response.ok) return location.reload();
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const found = page.querySelector("#results");
      this.#results.replaceChildren(...found.childNodes);
      for (const field of ["area", "extent", "days"]) this.#results.dataset[field] = found.dataset[field] ?? "";
      this.#fill(page.querySelector("#filters"), params);
      document.querySelector("#clear-area").hidden = page.querySelector("#clear-area").hidden;
      document.querySelector("a.language").href = page.querySelector("a.language").getAttribute("href");
      this.#results.scrollTop = 0;
    } catch (error) {
      if (error.name === "AbortError") return;
      throw error;
    }
    this.#results.removeAttribute("aria-busy");
    this.#changed(params);
  }
}
