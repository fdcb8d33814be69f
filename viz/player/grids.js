// The film of a convolution or a pooling: grids of numbers, in which cells light up and numbers appear.
const steps = film.chapters.flatMap((chapter, number) => chapter.steps.map(([lit, put, ringed, foot, answer, question]) => ({ number, lit, put, ringed, foot, answer, question })));
steps.forEach((step, i) => { step.said = film.rows[i][1]; });
const firsts = film.chapters.map((_, number) => steps.findIndex(step => step.number === number));
const most = chapter => Math.max(...[...chapter.strips.flat(), ...chapter.result].filter(item => item.rows).flatMap(({ rows }) => [rows.length, rows[0].length]));

// ---- chapters
const paint = (element, [text, shade, kind]) => {
  element.title = text ? element.dataset.name + " = " + text : element.dataset.name;
  element.textContent = text;
  element.className = [kind, shade > 0 ? "above" : shade < 0 ? "below" : ""].filter(Boolean).join(" ");
  element.style.setProperty("--s", 6.25 * Math.abs(shade) + "%");
};
const drawn = film.chapters.map((chapter, number) => {
  const grids = {};
  const item = each => {
    if (typeof each === "string") return make("span", { class: "sign" }, each);
    const name = each.title.endsWith("]") ? each.title.slice(0, -1) + "," : each.title + "[";
    const cells = each.rows.flatMap((row, i) => row.map((_, j) =>
      make("td", { "data-place": i * row.length + j, "data-name": name + (i + each.first[0]) + "," + (j + each.first[1]) + "]" })));
    const foot = make("div", { class: "foot" });
    const rows = each.rows.map((row, i) => make("tr", {}, ...cells.slice(i * row.length, (i + 1) * row.length)));
    grids[each.id] = { ...each, cells, foot, start: each.rows.flat() };
    return make("div", { class: "grid", "data-grid": each.id }, make("table", {}, make("caption", {}, each.title), make("tbody", {}, ...rows)), foot);
  };
  const strips = chapter.strips.map(strip => make("div", { class: "strip" }, ...strip.map(item)));
  const element = make("div", { class: "chapter" + (most(chapter) > 12 ? " small" : ""), "aria-label": chapter.name, role: "group" },
    make("div", { class: "strips" }, ...strips), ...chapter.result.map(item));
  return { ...chapter, number, element, grids, at: firsts[number] - 1 };
});
const restart = chapter => {
  for (const grid of Object.values(chapter.grids)) {
    grid.cells.forEach((cell, i) => paint(cell, grid.start[i]));
    grid.foot.textContent = "";
  }
  chapter.at = firsts[chapter.number] - 1;
};
const apply = (chapter, step) => {
  for (const [id, cells] of Object.entries(step.put)) for (const [place, ...cell] of cells) paint(chapter.grids[id].cells[place], cell);
  for (const [id, text] of Object.entries(step.foot)) chapter.grids[id].foot.textContent = text;
};

const picture = make("div", { class: "picture", tabindex: "0", role: "group", "aria-label": film.title + ", grids; the steps are told below them" });
const formula = make("p", { class: "symbols" });
const scale = ([role, limit]) => make("span", { class: "scale " + role }, role + "s: −" + limit + " ", make("i"), " " + limit);
const legend = make("p", { class: "remark" }, ...Object.entries(film.limits).map(scale), " " + film.remarks.join("; "));
let shown = null, now = null;
const show = at => {
  now = steps[at - 1] ?? null;
  const chapter = drawn[now?.number ?? 0], place = at - 1;
  if (chapter !== shown) {
    picture.replaceChildren(chapter.element);
    shown = chapter;
    chapters.value = chapter.number;
    restart(chapter);
  }
  if (chapter.at > place) restart(chapter);
  while (chapter.at < place) apply(chapter, steps[++chapter.at]);
  light(now, "lit");
  for (const { cells } of Object.values(chapter.grids)) cells.forEach(cell => cell.classList.remove("ringed"));
  for (const [id, places] of Object.entries(now?.ringed ?? {})) places.forEach(each => chapter.grids[id].cells[each].classList.add("ringed"));
  formula.textContent = chapter.formula;
  return now ? now.said : chapter.name;
};
// Marks cells, by grid.
const light = (step, mark) => {
  for (const [id, { cells }] of Object.entries(shown.grids)) {
    const among = new Set(step?.lit?.[id] ?? []);
    cells.forEach((cell, place) => cell.classList.toggle(mark, among.has(place)));
  }
};

// ---- what belongs together: of a grid whose window moves, in all steps; of another, in this step, element by element
const linked = (id, place) => {
  const lit = { [id]: [place] };
  const add = (other, places) => { lit[other] = [...lit[other] ?? [], ...places]; };
  const grid = shown.grids[id];
  const with_it = steps.filter(step => step.number === shown.number && step.lit[id]?.includes(place));
  if (grid.moves) {
    for (const step of with_it) for (const [other, places] of Object.entries(step.lit)) {
      if (other === id) continue;
      const ours = step.lit[id].indexOf(place), paired = places.length === step.lit[id].length;
      if (with_it.length === 1 || shown.grids[other].moves) add(other, paired && step.lit[id].length > 1 ? [places[ours]] : places);
    }
  } else if (now?.lit[id]) {
    const ours = now.lit[id].indexOf(place);
    for (const [other, places] of Object.entries(now.lit)) if (other !== id && places.length === now.lit[id].length) add(other, [places[ours]]);
  }
  return { lit };
};
const under = event => {
  const cell = event.target.closest?.("td"), grid = cell?.closest(".grid")?.dataset.grid;
  return grid ? [grid, +cell.dataset.place] : null;
};
picture.addEventListener("pointerover", event => { const found = under(event); light(found && linked(...found), "linked"); });
picture.addEventListener("pointerleave", () => light(null, "linked"));
picture.addEventListener("click", event => {
  const found = under(event);
  if (!found || !shown.grids[found[0]].moves) return;
  const places = steps.flatMap((step, i) => step.number === shown.number && step.lit[found[0]]?.includes(found[1]) ? [i + 1] : []);
  const next = places.find(place => place > shown.at + 1) ?? places[0];
  if (next) player.go(next);
  picture.focus();
});
const chapters = picked("chapter", film.chapters.map((chapter, number) => [number, chapter.name]), () => player.go(firsts[+chapters.value] + 1));
const player = controls({
  last: steps.length, phase: at => at ? "chapter " + (steps[at - 1].number + 1) + " of " + film.chapters.length : "", show,
  ask: at => steps[at].answer ? [steps[at].question, steps[at].answer] : null,
  stage: picture, options: [chapters], below: [formula, legend],
});
