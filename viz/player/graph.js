// The film of a graph: its picture with what is known at each step, the formula, the sum so far, the source line.
const columns = film.frames;
const frames = columns.kind.map((kind, i) => ({
  kind, box: columns.box[i], arrow: columns.arrow[i], complete: !!columns.complete[i], line: columns.line[i],
  formula: columns.formula[i], answer: columns.answer[i], said: film.rows[i][1], now: film.rows[i][2],
}));
const svg = new DOMParser().parseFromString(film.svg, "image/svg+xml").documentElement;
svg.querySelector("style.film")?.remove();
svg.setAttribute("aria-hidden", "true");
const width = +svg.getAttribute("width");
svg.style.minWidth = "min(" + width + "px, max(100%, " + 0.75 * width + "px))";  // readable: rather scrolled than shrunk
const picture = make("div", { class: "picture", tabindex: "0", role: "group", "aria-label": film.title + ", picture; the steps are told below it" }, svg);
const formula = make("p", { class: "symbols" });
const held = make("p", { class: "held" });
const code = make("ol", { class: "code", "aria-label": "source lines" },
  ...film.lines.map(([place, text]) => make("li", { title: place, value: place.replace(/.*:/, "") }, text)));

// ---- the parts of the picture
const groups = new Map([...svg.querySelectorAll("g[id]")].map(group => [group.id, group]));
const parts = (id, kind) => groups.has(id) ? [...groups.get(id).querySelectorAll("." + kind)] : [];
const hide = (elements, hidden) => elements.forEach(element => element.classList.toggle("off", hidden));
const computed = new Map();  // what is known when a box's value is: the value, and beside arrows
const received = new Map();  // what is known when a gradient has flowed along an arrow
const gradients = new Map();
for (const [id] of groups) {
  computed.set(id, parts(id, "v"));
  received.set(id, [...parts(id, "p"), ...(id[0] === "n" ? [] : parts(id, "g"))]);
  if (id[0] === "n") gradients.set(id, { texts: parts(id, "g"), notes: parts(id, "note") });
}
for (const [id, source, target] of film.arrows) {
  const [box, kind] = film.circuit ? [source, "v"] : [target, "l"];
  computed.get(box)?.push(...parts(id, kind));
}
const seed = frames.find(frame => frame.kind === "seed");
if (seed) computed.get(seed.box)?.push(...parts("output", "v"));
const originals = new Map();
const write = (element, text) => {
  if (!originals.has(element)) originals.set(element, [...element.childNodes]);
  if (text === null) element.replaceChildren(...originals.get(element));
  else element.textContent = text;
};
const before = [];             // what a box showed before each frame
const shown = new Map();       // what each box shows now: [text, complete]
const gradient = (box, text, complete) => {
  shown.set(box, [text, complete]);
  const { texts: [first, ...others], notes } = gradients.get(box) ?? { texts: [], notes: [] };
  hide(notes, !complete);
  if (!first) return;
  write(first, complete ? null : "grad " + text);
  hide(others, !complete);
};
const along = frame => received.get(frame.arrow || (frame.kind === "seed" ? "output" : "")) ?? [];
const apply = (frame, i) => {
  if (frame.kind === "forward") return hide(computed.get(frame.box) ?? [], false);
  before[i] = shown.get(frame.box) ?? ["—", false];
  gradient(frame.box, frame.now, frame.complete);
  hide(along(frame), false);
};
const undo = (frame, i) => {
  if (frame.kind === "forward") return hide(computed.get(frame.box) ?? [], true);
  gradient(frame.box, ...before[i]);
  hide(along(frame), true);
};
const dead = [...svg.querySelectorAll(".dead")];
let drawn = frames.length;
frames.forEach(apply);
const lit = [];

const show = at => {
  while (drawn < at) apply(frames[drawn], drawn++);
  while (drawn > at) { drawn--; undo(frames[drawn], drawn); }
  const frame = frames[at - 1];
  lit.splice(0).forEach(element => element.classList.remove("now"));
  if (frame) lit.push(...[frame.box, frame.arrow].map(id => groups.get(id)).filter(Boolean));
  if (frame && code.children[frame.line]) lit.push(code.children[frame.line]);
  lit.forEach(element => element.classList.add("now"));
  dead.forEach(element => element.classList.toggle("dead", at === frames.length));
  formula.textContent = frame?.formula ?? "";
  held.textContent = frame && frame.kind !== "forward" ? film.names[frame.box] + (frame.now ? " holds " + frame.now + (frame.complete ? ", complete" : ", so far") : " is complete") : "";
  bring(groups.get(frame?.box), picture);
  bring(code.children[frame?.line], code);
  return frame ? frame.said : "nothing is computed yet";
};

const ask = at => {
  const next = frames[at];
  if (!next.answer) return null;
  formula.textContent = next.formula;
  held.textContent = "";
  return ["What " + (next.kind === "forward" ? "is " + film.names[next.box] : "does " + film.names[next.box] + " receive") + "?", next.answer];
};

// ---- nudge
const { inputs, steps, changes, remark } = film.nudges;
const nudging = make("input", { type: "checkbox", onchange: () => { nudged.hidden = !nudging.checked; tell(); } });
const input = picked("input", inputs.map((name, i) => [i, name]), () => tell());
const size = make("input", { type: "range", min: 0, max: Math.max(0, steps.length - 1), value: 0, "aria-label": "h", oninput: () => tell() });
const amount = make("output");
const body = make("tbody");
const nudged = make("div", { class: "nudge", hidden: "" },
  make("p", {}, "raise ", input, " by h = ", amount, " ", size),
  make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr", {},
    ...["node", "old", "new", "predicted change", "actual change", "difference"].map(text => make("th", { scope: "col" }, text)))), body)),
  make("p", { class: "remark" }, remark));
const tell = () => {
  amount.textContent = steps[+size.value];
  size.setAttribute("aria-valuetext", "h = " + steps[+size.value]);
  body.replaceChildren(...changes[+input.value].map(([box, old, ...told]) =>
    make("tr", {}, make("th", { scope: "row" }, film.names[box]), ...[old, ...told.map(text => text.split("|")[+size.value])].map(text => make("td", {}, text)))));
};

// ---- to the step of a box or an arrow: first its value, then its gradient
const jump = id => {
  const places = frames.flatMap((frame, i) => id === frame.arrow || (id === frame.box && (frame.kind === "forward" || frame.complete)) ? [i + 1] : []);
  const next = places.find(place => place > drawn) ?? places[0];
  if (next) player.go(next);
};
svg.addEventListener("click", event => {
  const group = event.target.closest("g[id]");
  if (!group) return;
  jump(group.id);
  picture.focus();
});
const jumping = picked("go to a node", [["", "go to …"], ...Object.entries(film.names)], () => { jump(jumping.value); jumping.value = ""; });

const half = frames.filter(frame => frame.kind === "forward").length;
const player = controls({
  last: frames.length, phase: at => at > half ? "backward pass" : "forward pass", show, ask, stage: picture,
  options: [...inputs.length ? [make("label", {}, nudging, " nudge an input")] : [], jumping], below: [formula, held, code, nudged],
});
