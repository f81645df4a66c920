// Theorem 1: what a bottleneck lets through, and where an ideal autoencoder then takes its layers.
pictures.each(".theory-picture", (root, data) => {
  const { make, set, slider, teller, text, plot, triangle } = pictures;
  const { first, levels } = data;
  const MOST = 1.1 * data.most_bits;
  const sizes = Array.from({ length: data.most_units + 1 }, (_, k) => k);

  const controls = make("div", { class: "picture-controls" }, root);
  const inputs = {
    m: slider("Input M [bits]", data.most_bits - 1, first.m - 1, i => `${i + 1}`, controls),
    units: slider("Bottleneck size K", data.most_units - 1, first.units - 1,
      i => `${i + 1}`, controls),
    levels: slider("Levels q of each unit", levels.length - 1, levels.indexOf(first.levels),
      i => `${levels[i]}`, controls),
  };
  const row = make("div", { class: "picture-panels" }, root);

  const capacity = plot(make("div", {}, row), {
    x: { ends: [0, data.most_units + 0.5], ticks: sizes.map(k => [k, k]), label: "units K" },
    y: { ends: [0, MOST], ticks: [], label: "bits" },
  });
  const total = make("path", { class: "bisector" }, capacity.below);
  const lambda = make("path", { class: "first dashed" }, capacity.below);
  const reached = make("path", { class: "second" }, capacity.below);
  const here = make("circle", { r: 5, class: "second" }, capacity.svg);
  make("text", { x: 54, y: 20, class: "first" }, capacity.svg, "┅ λ = K log₂ q");
  make("text", { x: 54, y: 36, class: "second" }, capacity.svg, "━ min{λ, M}");

  const plane = plot(make("div", {}, row), {
    x: { ends: [0, MOST], ticks: [], label: "input MI" },
    y: { ends: [0, MOST], ticks: [], label: "output MI" },
  });
  const [region, bisector] = triangle(plane, 1);
  const range = make("path", { class: "range" }, plane.below);
  const ends = [0, 1].map(() => ({
    point: make("circle", { r: 5, class: "second" }, plane.svg),
    name: make("text", { class: "over" }, plane.svg),
  }));
  const within = make("text", { class: "over", "text-anchor": "middle" }, plane.svg);

  const table = make("table", { class: "table" }, root);
  make("caption", {}, table, "Where the layers of an ideal autoencoder end, in bits.");
  const head = make("tr", {}, make("thead", {}, table));
  ["layers", "input MI", "output MI"].forEach(name => make("th", { scope: "col" }, head, name));
  const body = make("tbody", {}, table);
  const cells = data.layers.map(labels => {
    const line = make("tr", {}, body);
    make("th", { scope: "row" }, line, labels.join(", "));
    return [make("td", {}, line), make("td", {}, line)];
  });
  const tell = teller(root);

  const draw = () => {
    const m = Number(inputs.m.value) + 1;
    const units = Number(inputs.units.value) + 1;
    const perUnit = Math.log2(levels[Number(inputs.levels.value)]);
    const lam = units * perUnit;
    const end = Math.min(lam, m);
    const small = lam < m;
    const ticks = [[0, "0"], [m, "M"], ...(small ? [[lam, "λ"]] : [])];

    const knee = Math.min(m / perUnit, data.most_units);
    set(total, { d: capacity.line([[0, m], [data.most_units + 0.5, m]]) });
    set(lambda, { d: capacity.line([[0, 0], [data.most_units, data.most_units * perUnit]]) });
    set(reached, { d: capacity.line([[0, 0], [knee, knee * perUnit],
      [data.most_units, Math.min(m, data.most_units * perUnit)]]) });
    set(here, { cx: capacity.x(units), cy: capacity.y(end) });
    capacity.drawTicks(sizes.map(k => [k, k]), ticks);
    set(capacity.svg, { "aria-label": `λ rises by ${text(perUnit)} bits a unit, and is ` +
      `${text(lam)} at K = ${units}; ${text(end)} bits can reach the output` });

    set(region, { d: `${plane.line([[0, 0], [m, 0], [m, m]])}Z` });
    set(bisector, { d: plane.line([[0, 0], [m, m]]) });
    set(range, { d: small ? plane.line([[end, end], [m, end]]) : "" });
    plane.drawTicks(ticks, ticks);
    const [input, open, rest] = data.layers;
    [[m, input], [end, rest]].forEach(([at, labels], i) => {
      const { point, name } = ends[i];
      set(point, { cx: plane.x(at), cy: plane.y(end) });
      set(name, { x: plane.x(at) + (i ? 0 : 9), y: plane.y(end) + (i ? 19 : 4),
        "text-anchor": i ? "middle" : "start" });
      name.textContent = small ? (i ? `${labels[0]} … ${labels.at(-1)}` : labels[0])
        : (i ? "all" : "");
    });
    within.textContent = small ? `${open[0]} … ${open.at(-1)}` : "";
    set(within, { x: plane.x((end + m) / 2), y: plane.y(end) - 8 });
    set(plane.svg, { "aria-label": "Theoretical information plane: the triangle below the " +
      `bisector up to ${m} bits, and in it the layers at the height ${text(end)}, ` +
      (small ? `from ${input[0]} on the right edge to ${rest[0]} and ${rest.at(-1)} on the bisector`
        : "all in the corner") });

    [[m, m], [end, m], [end, end]].forEach(([low, high], i) => {
      cells[i][0].textContent = text(low) + (high > low ? ` to ${text(high)}` : "");
      cells[i][1].textContent = text(end);
    });
    tell(`λ is ${text(lam)} of M = ${text(m)} bits. ` + (small
      ? `${rest[0]} and what follows end at (λ, λ). The layers before it lie to the right, in ` +
        "their order. Exactly where is left open."
      : "All layers end at (M, M)."));
  };
  Object.values(inputs).forEach(input => input.addEventListener("input", draw));
  draw();
});
