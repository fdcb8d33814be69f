// What every player has: buttons, a slider, keys, a sentence that is read aloud. It shows what Python recorded, and works
// out nothing.
"use strict";
if (!film.svg) {  // a block has the picture and the sentences once, for where no script runs
  const img = host.querySelector("img");
  film.svg = decodeURIComponent(img.getAttribute("src").replace(/^[^,]*,/, ""));
  film.rows = [...host.querySelectorAll("tbody tr")].map(row => [...row.cells].map(cell => cell.textContent));
  img.remove();
}
const make = (tag, attributes = {}, ...inside) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...inside);
  return element;
};
const button = (text, label, action) => make("button", { type: "button", "aria-label": label, title: label, onclick: action }, text);
const picked = (label, options, action) => make("select", { "aria-label": label, onchange: action }, ...options.map(([value, text]) => make("option", { value }, text)));
const calm = matchMedia("(prefers-reduced-motion: reduce)");

// A view has:
//   last        how many steps there are; 0 is before the first
//   phase(at)   what a step belongs to
//   show(at)    draws a step and returns its sentence
//   ask(next)   the question for a step, its number and how far off an answer may be; null where there is none
//   stage       what is drawn on; options, below: what stands above it and below it
const controls = view => {
  const { last, stage } = view;
  let at = 0, timer = 0;
  const slider = make("input", { type: "range", min: 0, max: last, value: 0, "aria-label": "step", oninput: () => go(+slider.value) });
  const play = button("▶", "play (space)", () => timer ? pause() : start());
  const phase = make("span", { class: "phase" });
  const live = make("p", { class: "said", role: "status", "aria-live": "polite" });
  const show = place => {
    at = Math.max(0, Math.min(last, place));
    question.hidden = true;
    const said = view.show(host.step = at);
    slider.value = at;
    slider.setAttribute("aria-valuetext", "step " + at + " of " + last);
    phase.textContent = view.phase(at);
    live.textContent = "step " + at + " of " + last + ": " + said;
  };
  const pause = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "▶";
    play.setAttribute("aria-label", play.title = "play (space)");
    live.setAttribute("aria-live", "polite");
  };
  const start = () => {
    if (at === last) show(0);
    play.textContent = "⏸";
    play.setAttribute("aria-label", play.title = "pause (space)");
    live.setAttribute("aria-live", "off");  // a film is faster than a voice
    timer = setInterval(() => { if (at === last || !frame.isConnected) pause(); else show(at + 1); }, 900);
  };
  const go = place => { pause(); show(place); };
  const forward = () => { pause(); if (!ask()) show(at + 1); };

  // predict first
  const predicting = make("input", { type: "checkbox", onchange: () => go(at) });
  const guess = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": "your number" });
  const verdict = make("span", { class: "verdict", role: "status" });
  const asked = make("span");
  const question = make("form", { class: "question", hidden: "", onsubmit: event => { event.preventDefault(); check(); } },
    asked, guess, make("button", {}, "check"), make("button", { type: "button", onclick: () => reveal() }, "show"), verdict);
  const ask = () => {
    if (!predicting.checked || at === last) return false;
    if (question.hidden) {
      const said = view.ask(at);
      if (!said) return false;
      asked.textContent = said[0];
      verdict.textContent = guess.value = "";
      question.hidden = false;
    }
    guess.focus();
    return true;
  };
  const check = () => {
    const [, [number, within]] = view.ask(at), text = guess.value.trim(), given = Number(text.replace("−", "-").replace(",", "."));
    if (text === "" || Number.isNaN(given)) verdict.textContent = "✎ a number, please";
    else if (Math.abs(given - number) <= within) { reveal(); live.textContent = "✓ right. " + live.textContent; }
    else verdict.textContent = "✗ not " + text + "; try again, or show";
  };
  const reveal = () => { show(at + 1); stage.focus(); };

  const keys = { ArrowRight: forward, ArrowLeft: () => go(at - 1), Home: () => go(0), End: () => go(last), " ": () => timer ? pause() : start() };
  const typing = target => target !== slider && target.matches("select, input") && target.type !== "checkbox";
  const frame = make("section", { class: "player", "aria-label": film.title },
    make("div", { class: "bar", role: "group", "aria-label": "steps" },
      button("«", "first step (home)", () => go(0)), button("‹", "step back (left arrow)", () => go(at - 1)), play,
      button("›", "step (right arrow)", forward), button("»", "last step (end)", () => go(last)), slider, phase),
    make("div", { class: "bar", role: "group", "aria-label": "options" }, make("label", {}, predicting, " predict first"), ...view.options),
    stage, live, question, ...view.below);
  frame.addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.key in keys) || typing(event.target)) return;
    if (event.key === " " && event.target.matches("button, input, summary")) return;
    event.preventDefault();
    event.stopPropagation();  // a notebook has keys of its own
    keys[event.key]();
  });
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  shadow.replaceChildren(make("style", {}, film.css), frame, make("slot"));
  show(host.step ?? 0);
  return { go };
};

// Scrolls an element's box to where it is seen.
const bring = (element, pane) => {
  if (!element || (pane.scrollWidth <= pane.clientWidth && pane.scrollHeight <= pane.clientHeight)) return;
  const inside = element.getBoundingClientRect(), outside = pane.getBoundingClientRect();
  const left = inside.left < outside.left || inside.right > outside.right ? (inside.left + inside.right - outside.left - outside.right) / 2 : 0;
  const top = inside.top < outside.top || inside.bottom > outside.bottom ? (inside.top + inside.bottom - outside.top - outside.bottom) / 2 : 0;
  if (left || top) pane.scrollBy({ left, top, behavior: calm.matches ? "auto" : "smooth" });
};
