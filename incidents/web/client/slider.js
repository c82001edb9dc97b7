// The time slider: two handles over the days of all windows, which move the two dates of the filters.

const DAY_MS = 86_400_000;
const text = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);
const day = (date) => Math.floor(Date.parse(date) / DAY_MS);

/** The days asked for, as numbers since 1970-01-01; no limit is an infinity. */
export function days(form) {
  const { from, to } = form.elements;
  return [from.value ? day(from.value) : -Infinity, to.value ? day(to.value) : Infinity];
}

/** Shows the slider of `form` over the days `least` to `most`; `moved` is called while a handle moves. */
export function showSlider(form, [least, most], moved) {
  const slider = form.querySelector(".slider");
  const [first, last] = slider.querySelectorAll("input");
  const [from, to] = days(form);
  for (const handle of [first, last]) Object.assign(handle, { min: least, max: most });
  first.value = Math.max(least, Math.min(from, most));
  last.value = Math.min(most, Math.max(to, least));
  slider.hidden = most <= least;
  const say = () => {
    first.setAttribute("aria-valuetext", text(first.value));
    last.setAttribute("aria-valuetext", text(last.value));
  };
  const move = (handle) => {
    if (Number(first.value) > Number(last.value)) handle.value = handle === first ? last.value : first.value;
    form.elements.from.value = Number(first.value) === least ? "" : text(first.value);
    form.elements.to.value = Number(last.value) === most ? "" : text(last.value);
    say();
    moved();
  };
  for (const handle of [first, last]) {
    handle.oninput = () => move(handle);
    handle.onchange = () => form.requestSubmit();
  }
  say();
}
