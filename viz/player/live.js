// A film with a field for each leaf: what is typed goes to the kernel, which sends another film.
const render = ({ model, el }) => {
  const host = document.createElement("div");
  const fields = document.createElement("fieldset");
  const legend = document.createElement("legend");
  const problem = document.createElement("p");
  problem.setAttribute("role", "alert");
  legend.textContent = "inputs";
  fields.append(legend);
  fields.style.cssText = "display:flex;flex-wrap:wrap;gap:6px 14px;border:1px solid currentColor;border-radius:8px;margin:0 0 6px";
  const inputs = model.get("inputs").map((name, i) => {
    const input = document.createElement("input"), label = document.createElement("label");
    input.type = "number";
    input.step = "any";
    input.style.width = "7em";
    input.addEventListener("change", () => {
      if (input.value === "" || !Number.isFinite(+input.value)) return;
      model.set("values", model.get("values").map((value, j) => i === j ? +input.value : value));
      model.save_changes();
    });
    label.append(name + " = ", input);
    fields.append(label);
    return input;
  });
  const values = () => model.get("values").forEach((value, i) => { inputs[i].value = value; });
  const draw = () => player(host, { ...model.get("film") });
  const tell = () => { problem.textContent = model.get("problem"); };
  model.on("change:values", values);
  model.on("change:film", draw);
  model.on("change:problem", tell);
  el.append(fields, problem, host);
  values();
  draw();
  return () => { model.off("change:values", values); model.off("change:film", draw); model.off("change:problem", tell); };
};
export default { render };
