// Replays a film: shows and hides what Python has recorded, and works out nothing. One call for each block on a page.
id => {
  "use strict";
  const host = document.getElementById(id);
  const film = host.film;
  const img = host.querySelector("img");
  const rows = [...host.querySelectorAll("tbody tr")].map(row => [...row.cells].map(cell => cell.textContent));
  const frames = film.frames.map(([kind, box, arrow, complete, line, formula, answer], i) =>
    ({ kind, box, arrow, complete, line, formula, answer, said: rows[i][1], now: rows[i][2] }));
  const last = frames.length;

  // ---- the page's parts
  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value);
    }
    element.append(...inside);
    return element;
  };
  const svg = new DOMParser().parseFromString(decodeURIComponent(img.getAttribute("src").replace(/^[^,]*,/, "")), "image/svg+xml").documentElement;
  svg.querySelector("style.film")?.remove();
  svg.setAttribute("aria-hidden", "true");
  svg.style.minWidth = "min(" + svg.getAttribute("width") + "px, max(100%, " + 0.75 * svg.getAttribute("width") + "px))"; // readable: rather scrolled than shrunk
  const button = (text, label, action) => make("button", { type: "button", "aria-label": label, title: label, onclick: action }, text);
  const slider = make("input", { type: "range", min: 0, max: last, value: 0, "aria-label": "step", oninput: () => { pause(); show(+slider.value); } });
  const play = button("▶", "play (space)", () => timer ? pause() : start());
  const live = make("p", { class: "said", role: "status", "aria-live": "polite" });
  const formula = make("p", { class: "symbols" });
  const held = make("p", { class: "held" });
  const code = make("ol", { class: "code", "aria-label": "source lines" }, ...film.lines.map(([place, text]) => make("li", { title: place }, text)));
  const predicting = make("input", { type: "checkbox", onchange: () => show(at) });
  const nudging = make("input", { type: "checkbox", onchange: () => nudge() });
  const bar = make("div", { class: "bar", role: "toolbar", "aria-label": "steps" },
    button("«", "first step (home)", () => go(0)), button("‹", "step back (left arrow)", () => go(at - 1)), play,
    button("›", "step (right arrow)", () => forward()), button("»", "last step (end)", () => go(last)), slider,
    make("label", {}, predicting, " predict first"));
  if (film.nudges.inputs.length) bar.append(make("label", {}, nudging, " nudge an input"));
  const question = make("form", { class: "question", hidden: "", onsubmit: event => { event.preventDefault(); check(); } });
  const guess = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": "your number" });
  const verdict = make("span", { class: "verdict", role: "status" });
  const asked = make("span");
  question.append(asked, guess, make("button", {}, "check"), make("button", { type: "button", onclick: () => reveal() }, "show"), verdict);
  const nudged = make("div", { class: "nudge", hidden: "" });
  const picture = make("div", { class: "picture", tabindex: "0", role: "group", "aria-label": film.title + ", picture; the steps are told below it" }, svg);
  const frame = make("section", { class: "player", "aria-label": film.title }, bar, picture, live, question, formula, held, code, nudged);
  const shadow = host.attachShadow({ mode: "open" });
  shadow.append(make("style", {}, film.css), frame, make("slot"));
  img.remove();

  // ---- the picture's parts
  const part = name => svg.getElementById ? svg.getElementById(name) : svg.querySelector("#" + name);
  const known = new Map();
  const look = name => {
    if (!known.has(name)) {
      const group = part(name);
      const texts = kind => group ? [...group.querySelectorAll("." + kind)] : [];
      known.set(name, { group, values: texts("value"), gradients: texts("gradient"), products: texts("product"), notes: texts("note") });
    }
    return known.get(name);
  };
  const hide = (elements, hidden) => elements.forEach(element => element.classList.toggle("off", hidden));
  const inks = element => [...element.childNodes].map(node => node.cloneNode(true));
  const originals = new Map();
  const write = (element, text) => {
    if (!originals.has(element)) originals.set(element, inks(element));
    if (text === null) element.replaceChildren(...originals.get(element).map(node => node.cloneNode(true)));
    else element.textContent = text;
  };
  const before = new Array(last);          // what a box showed before each frame
  const shown = new Map();                 // what each box shows now: [text, complete]
  const gradient = (box, text, complete) => {
    const [first, ...others] = look(box).gradients;
    shown.set(box, [text, complete]);
    if (!first) return;
    write(first, complete ? null : "grad " + text);
    hide(others, !complete);
    hide(look(box).notes, !complete);
  };
  const dead = [...svg.querySelectorAll(".dead")];
  const apply = (frame, place) => {
    if (frame.kind === "forward") hide(look(frame.box).values, false);
    else {
      before[place] = shown.get(frame.box) || ["—", false];
      gradient(frame.box, frame.now, frame.complete);
      if (frame.arrow) hide(look(frame.arrow).products, false);
    }
  };
  const undo = (frame, place) => {
    if (frame.kind === "forward") hide(look(frame.box).values, true);
    else {
      gradient(frame.box, ...before[place]);
      if (frame.arrow) hide(look(frame.arrow).products, true);
    }
  };
  let at = last, timer = 0;
  frames.forEach(apply);

  // ---- stepping
  const lit = [];
  const show = place => {
    place = Math.max(0, Math.min(last, place));
    while (at < place) apply(frames[at], at++);
    while (at > place) { at--; undo(frames[at], at); }
    lit.splice(0).forEach(element => element.classList.remove("now"));
    const frame = frames[at - 1];
    for (const name of frame ? [frame.box, frame.arrow] : []) {
      const group = name && look(name).group;
      if (group) { group.classList.add("now"); lit.push(group); }
    }
    dead.forEach(element => element.classList.toggle("dead", at === last));
    slider.value = at;
    slider.setAttribute("aria-valuetext", "step " + at + " of " + last);
    live.textContent = "step " + at + " of " + last + (frame ? ": " + frame.said : ": nothing is computed yet");
    formula.textContent = frame ? frame.formula : "";
    held.textContent = frame && frame.kind !== "forward" ? film.names[frame.box] + " holds " + frame.now + (frame.complete ? ", complete" : ", so far") : "";
    [...code.children].forEach((line, i) => line.classList.toggle("now", !!frame && i === frame.line));
    question.hidden = true;
    bring(frame);
  };
  const bring = frame => {
    const group = frame && look(frame.box).group;
    if (!group || (picture.scrollWidth <= picture.clientWidth && picture.scrollHeight <= picture.clientHeight)) return;
    const inside = group.getBoundingClientRect(), outside = picture.getBoundingClientRect();
    if (inside.left < outside.left || inside.right > outside.right) picture.scrollLeft += inside.left + inside.width / 2 - outside.left - outside.width / 2;
    if (inside.top < outside.top || inside.bottom > outside.bottom) picture.scrollTop += inside.top + inside.height / 2 - outside.top - outside.height / 2;
  };
  const pause = () => { clearInterval(timer); timer = 0; play.textContent = "▶"; play.setAttribute("aria-label", "play (space)"); };
  const start = () => {
    if (at === last) show(0);
    play.textContent = "⏸";
    play.setAttribute("aria-label", "pause (space)");
    timer = setInterval(() => { if (at === last) pause(); else show(at + 1); }, film.pace);
  };
  const go = place => { pause(); show(place); };

  // ---- predict first
  const forward = () => {
    pause();
    const next = frames[at];
    if (!predicting.checked || !next || next.answer === null) return show(at + 1);
    if (!question.hidden) return guess.focus();
    asked.textContent = next.kind === "forward" ? "What is " + film.names[next.box] + "?" : "What does " + film.names[next.box] + " receive?";
    formula.textContent = next.formula;
    held.textContent = "";
    verdict.textContent = guess.value = "";
    question.hidden = false;
    guess.focus();
  };
  const check = () => {
    const [number, within] = frames[at].answer, given = Number(guess.value.trim().replace("−", "-").replace(",", "."));
    if (guess.value.trim() === "" || Number.isNaN(given)) { verdict.textContent = "✎ a number, please"; return; }
    if (Math.abs(given - number) <= within) { show(at + 1); live.textContent = "✓ right. " + live.textContent; picture.focus(); }
    else verdict.textContent = "✗ not " + guess.value + "; try again, or show";
  };
  const reveal = () => { show(at + 1); picture.focus(); };

  // ---- nudge
  const { inputs, steps, changes, remark } = film.nudges;
  const input = make("select", { "aria-label": "input", onchange: () => tell() }, ...inputs.map((name, i) => make("option", { value: i }, name)));
  const size = make("input", { type: "range", min: 0, max: Math.max(0, steps.length - 1), value: 0, "aria-label": "h", oninput: () => tell() });
  const amount = make("output");
  const body = make("tbody");
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...["node", "old", "new", "predicted change", "actual change", "difference"].map(text => make("th", { scope: "col" }, text)))), body);
  nudged.append(make("p", {}, "raise ", input, " by h = ", amount, " ", size), table, make("p", { class: "remark" }, remark));
  const tell = () => {
    amount.textContent = steps[+size.value];
    size.setAttribute("aria-valuetext", "h = " + steps[+size.value]);
    body.replaceChildren(...changes[+input.value][+size.value].map(([box, ...cells]) =>
      make("tr", {}, make("th", { scope: "row" }, film.names[box]), ...cells.map(text => make("td", {}, text)))));
  };
  const nudge = () => { nudged.hidden = !nudging.checked; if (nudging.checked) tell(); };

  // ---- keys and clicks
  const keys = { ArrowRight: forward, ArrowLeft: () => go(at - 1), Home: () => go(0), End: () => go(last), " ": () => timer ? pause() : start() };
  frame.addEventListener("keydown", event => {
    const own = ["INPUT", "SELECT", "BUTTON"].includes(event.target.tagName) && event.target !== slider;
    if (own || event.altKey || event.ctrlKey || event.metaKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  svg.addEventListener("click", event => {
    const group = event.target.closest(".node, .edge");
    if (!group) return;
    const places = frames.flatMap((frame, i) => group.id === frame.arrow || (group.id === frame.box && (frame.kind === "forward" || frame.complete)) ? [i + 1] : []);
    const next = places.find(place => place > at) ?? places[places.length - 1];
    if (next) go(next);
    picture.focus();
  });
  show(0);
}
