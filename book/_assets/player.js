// The plane player: one network's information plane by a rule and in truth, which a reader scrubs.
// The markup holds the numbers (study/player.py) and, without scripts, a table of the ends.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".plane-player").forEach(root => {
    const data = JSON.parse(root.querySelector("template").content.textContent);
    const layers = Object.keys(data.layers);
    const SVG = "http://www.w3.org/2000/svg";
    const SIDE = 250, LEFT = 46, TOP = 8;
    // in truth a layer can pass the whole, where noise of one level is small beside it
    const all = Object.values(data.networks).flatMap(network => Object.values(network.planes));
    const MOST = 1.05 * Math.max(1.1, ...all.flatMap(plane => plane.x.flat()));

    const make = (tag, attributes = {}, parent = null, text = "") => {
      const inSvg = parent && (parent.namespaceURI === SVG || tag === "svg");
      const element = inSvg ? document.createElementNS(SVG, tag) : document.createElement(tag);
      Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
      if (text !== "") element.textContent = text;
      if (parent) parent.append(element);
      return element;
    };
    const choice = (label, options, parent) => {
      const wrapper = make("label", {}, parent, `${label} `);
      const select = make("select", { class: "form-select" }, wrapper);
      Object.entries(options).forEach(([value, text]) => make("option", { value }, select, text));
      return select;
    };
    const x = share => LEFT + SIDE * share / MOST;
    const y = share => TOP + SIDE * (1 - share / MOST);

    const controls = make("div", { class: "plane-player-controls" }, root);
    const names = Object.fromEntries(Object.keys(data.networks).map(name => [name, name]));
    const network = choice("Network", names, controls);
    const panels = [["By an estimator", data.rules, "proposed"], ["In truth", data.noises,
      "total deviation"]];
    const row = make("div", { class: "plane-player-panels" }, root);
    const views = panels.map(([title, options, first]) => {
      const panel = make("div", {}, row);
      const select = choice(title, options, panel);
      select.value = first;
      const svg = make("svg", {
        viewBox: `0 0 ${LEFT + SIDE + 8} ${TOP + SIDE + 36}`, role: "img",
      }, panel);
      make("path", { class: "region", d: `M${x(0)} ${y(0)}L${x(1)} ${y(0)}L${x(1)} ${y(1)}Z` }, svg);
      make("path", { class: "axis", d: `M${x(0)} ${y(MOST)}V${y(0)}H${x(MOST)}` }, svg);
      make("path", { class: "bisector", d: `M${x(0)} ${y(0)}L${x(1)} ${y(1)}` }, svg);
      for (const tick of [0, 0.5, 1]) {
        make("text", { x: x(tick), y: y(0) + 14, "text-anchor": "middle" }, svg, tick);
        make("text", { x: x(0) - 6, y: y(tick) + 4, "text-anchor": "end" }, svg, tick);
      }
      make("text", { x: x(MOST / 2), y: y(0) + 30, "text-anchor": "middle" }, svg, "input MI");
      make("text", {
        x: 10, y: y(MOST / 2), "text-anchor": "middle", transform: `rotate(-90 10 ${y(MOST / 2)})`,
      }, svg, "output MI");
      const marks = layers.map(layer => {
        const color = data.layers[layer][1];
        const decoder = layer.startsWith("D") || layer === "X_out";
        const path = make("path", { class: "course", stroke: color }, svg);
        const point = make("circle", {
          r: 5, stroke: color, fill: decoder ? "var(--pst-color-background)" : color,
          "data-layer": layer,
        }, svg);
        make("title", {}, point);
        return { path, point };
      });
      const told = make("p", { class: "plane-player-told" }, panel);
      return { select, svg, marks, told, truth: options === data.noises };
    });
    const key = make("ul", { class: "plane-player-key" }, root);
    layers.forEach(layer => {
      const item = make("li", {}, key);
      const svg = make("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, item);
      const color = data.layers[layer][1];
      const decoder = layer.startsWith("D") || layer === "X_out";
      make("circle", {
        cx: 6, cy: 6, r: 4.5, stroke: color, "stroke-width": 1.5,
        fill: decoder ? "var(--pst-color-background)" : color,
      }, svg);
      item.append(data.layers[layer][0]);
    });

    const time = make("div", { class: "plane-player-time" }, root);
    const button = make("button", { type: "button", class: "btn btn-primary" }, time, "Play");
    const label = make("label", {}, time, "Training ");
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
      views.forEach(({ select, svg, marks, told, truth }) => {
        const plane = chosen.planes[select.value];
        const rises = [];
        marks.forEach(({ path, point }, k) => {
          const course = plane.x[k].slice(0, i + 1).map((share, j) =>
            `${j ? "L" : "M"}${x(share).toFixed(1)} ${y(plane.y[k][j]).toFixed(1)}`);
          path.setAttribute("d", course.join(""));
          const [here, high] = [plane.x[k][i], plane.y[k][i]];
          point.setAttribute("cx", x(here).toFixed(1));
          point.setAttribute("cy", y(high).toFixed(1));
          const name = data.layers[layers[k]][0];
          point.firstChild.textContent = `${name}: input MI ${here.toFixed(3)}, ` +
            `output MI ${high.toFixed(3)}`;
          const rise = k ? here - plane.x[k - 1][i] : 0;
          point.classList.toggle("rises", rise > data.visible);
          if (rise > data.visible) rises.push(`${name} above ${data.layers[layers[k - 1]][0]}`);
        });
        told.textContent = rises.length ? `Against the data processing inequality: ` +
          `${rises.join(", ")}.` : "In the order of the data processing inequality.";
        svg.setAttribute("aria-label", `Information plane ${truth ? "in truth" : "by an estimator"}` +
          ` at ${now.textContent}. ` + layers.map((layer, k) =>
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
    network.dispatchEvent(new Event("change"));
    slider.value = slider.max;
    draw();
    root.querySelector(".plane-player-ends").hidden = true;
  });
});
