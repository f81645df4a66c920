// The plane player: one network's information plane by a rule and in truth, which a reader scrubs.
pictures.each(".plane-player", (root, data) => {
  const { make, set, choice, plot, triangle, look, key } = pictures;
  const layers = Object.keys(data.layers);
  // in truth a layer can pass the whole, where noise of one level is small beside it
  const all = Object.values(data.networks).flatMap(network => Object.values(network.planes));
  const ends = [0, 1.05 * Math.max(1.1, ...all.flatMap(plane => plane.x.flat()))];
  const ticks = [[0, "0"], [0.5, "0.5"], [1, "1"]];

  const controls = make("div", { class: "picture-controls" }, root);
  const names = Object.fromEntries(Object.keys(data.networks).map(name => [name, name]));
  const network = choice("Network", names, controls);
  const panels = [["By an estimator", data.rules, "proposed"], ["In truth", data.noises,
    "total deviation"]];
  const row = make("div", { class: "picture-panels" }, root);
  const views = panels.map(([title, options, first]) => {
    const panel = make("div", {}, row);
    const select = choice(title, options, panel);
    select.value = first;
    const drawn = plot(panel, {
      x: { ends, ticks, label: "input MI" }, y: { ends, ticks, label: "output MI" },
    });
    triangle(drawn, 1);
    const marks = layers.map(layer => {
      const color = data.layers[layer][1];
      const path = make("path", { class: "course", stroke: color }, drawn.svg);
      const point = make("circle", {
        r: 5, "data-layer": layer, ...look(layer, color),
      }, drawn.svg);
      make("title", {}, point);
      return { path, point };
    });
    const told = make("p", { class: "picture-told" }, panel);
    return { select, drawn, marks, told, truth: options === data.noises };
  });
  key(data.layers, root);

  const time = make("div", { class: "picture-time" }, root);
  const button = make("button", { type: "button", class: "btn btn-primary" }, time, "Play");
  const label = make("label", { class: "picture-slider" }, time, "Training ");
  const slider = make("input", { type: "range", min: 0, step: 1 }, label);
  const now = make("output", { "aria-live": "polite" }, time);

  const draw = () => {
    const chosen = data.networks[network.value];
    const last = chosen.iterations.length - 1;
    slider.max = last;
    const i = Math.min(Number(slider.value), last);
    const iteration = chosen.iterations[i].toLocaleString("en");
    now.textContent = `iteration ${iteration}, test error ${chosen.error[i].toFixed(4)}`;
    slider.setAttribute("aria-valuetext", now.textContent);
    views.forEach(({ select, drawn, marks, told, truth }) => {
      const plane = chosen.planes[select.value];
      const rises = [];
      marks.forEach(({ path, point }, k) => {
        const course = plane.x[k].slice(0, i + 1).map((share, j) => [share, plane.y[k][j]]);
        path.setAttribute("d", drawn.line(course));
        const [here, high] = course[i];
        set(point, { cx: drawn.x(here).toFixed(1), cy: drawn.y(high).toFixed(1) });
        const name = data.layers[layers[k]][0];
        point.firstChild.textContent = `${name}: input MI ${here.toFixed(3)}, ` +
          `output MI ${high.toFixed(3)}`;
        const rise = k ? here - plane.x[k - 1][i] : 0;
        point.classList.toggle("rises", rise > data.visible);
        if (rise > data.visible) rises.push(`${name} above ${data.layers[layers[k - 1]][0]}`);
      });
      told.textContent = rises.length ? `Against the data processing inequality: ` +
        `${rises.join(", ")}.` : "In the order of the data processing inequality.";
      drawn.svg.setAttribute("aria-label", "Information plane " +
        `${truth ? "in truth" : "by an estimator"} at ${now.textContent}. ` +
        layers.map((layer, k) =>
          `${data.layers[layer][0]} ${plane.x[k][i].toFixed(2)}`).join(", "));
    });
  };

  let playing = null;
  const stop = () => {
    clearInterval(playing);
    playing = null;
    button.textContent = "Play";
  };
  button.addEventListener("click", () => {
    if (playing) return stop();
    if (slider.value === slider.max) slider.value = 0;
    button.textContent = "Pause";
    playing = setInterval(() => {
      slider.value = Number(slider.value) + 1;
      draw();
      if (slider.value === slider.max) stop();
    }, 300);
  });
  slider.addEventListener("input", () => {
    if (playing) stop();
    draw();
  });
  [network, ...views.map(view => view.select)].forEach(e => e.addEventListener("change", draw));
  draw();
  slider.value = slider.max;
  draw();
});
