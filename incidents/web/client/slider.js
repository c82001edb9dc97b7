// The time slider: two handles over the days of all windows, which move the two dates of the filters.

const DAY_MS = 86_400_000;
const MONTH = 30;
/** So long after the last key the list follows; a person holds a key down, or presses it several times. */
const SETTLED_MS = 400;
const text = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);
const day = (date) => Math.floor(Date.parse(date) / DAY_MS);

/** The days asked for, as numbers since 1970-01-01; no limit is an infinity. */
function days(form) {
  const { from, to } = form.elements;
  return [from.value ? day(from.value) : -Infinity, to.value ? day(to.value) : Infinity];
}

/** Shows the slider of `form` over the days `least` to `most`; `moved(time)` is called while a handle moves. */
export function showSlider(form, [least, most], moved) {
  const slider = form.querySelector(".slider");
  const [first, last] = slider.querySelectorAll("input");
  const [from, to] = days(form);
  for (const handle of [first, last]) Object.assign(handle, { min: least, max: most });
  first.value = Math.max(least, Math.min(from, most));
  last.value = Math.min(most, Math.max(to, least));
  slider.hidden = !(most > least);
  let settled = null;
  const say = () => {
    first.setAttribute("aria-valuetext", text(first.value));
    last.setAttribute("aria-valuetext", text(last.value));
    const share = (handle) => (100 * (handle.value - least)) / (most - least);
    slider.style.setProperty("--first", `${share(first)}%`);
    slider.style.setProperty("--last", `${100 - share(last)}%`);
  };
  const move = (handle, time) => {
    if (Number(first.value) > Number(last.value)) handle.value = handle === first ? last.value : first.value;
    form.elements.from.value = Number(first.value) === least ? "" : text(first.value);
    form.elements.to.value = Number(last.value) === most ? "" : text(last.value);
    say();
    moved(time);
  };
  const submit = () => {
    clearTimeout(settled);
    settled = setTimeout(() => form.requestSubmit(), SETTLED_MS);
  };
  const page = (handle, event) => {
    const months = { PageUp: 1, PageDown: -1 }[event.key];
    if (!months) return;
    event.preventDefault();
    handle.value = Number(handle.value) + months * MONTH;
    move(handle, event.timeStamp);
    submit();
  };
  for (const handle of [first, last]) {
    handle.oninput = (event) => move(handle, event.timeStamp);
    handle.onchange = submit;
    handle.onkeydown = (event) => page(handle, event);
  }
  if (!slider.hidden) say();
}
