// The kernel width: samples, their Gram matrix, its spectrum, and the estimates between 0 and log N.
pictures.each(".width-picture", (root, data) => {
  const { make, set, choice, slider, teller, text, plot } = pictures;
  const n = data.samples;
  const most = Math.log2(n);
  const widths = data.log_widths;
  const middle = data.dimensions.findIndex(one => one.d === 10);

  const controls = make("div", { class: "picture-controls" }, root);
  const sigmaAt = i => 10 ** widths[i];
  const sigmaText = i => text(sigmaAt(i), sigmaAt(i) < 10 ? 2 : 0);
  const inputs = {
    width: slider("Kernel width σ", widths.length - 1, widths.indexOf(0.5), sigmaText, controls),
    d: slider("Dimensions d", data.dimensions.length - 1, middle,
      i => `${data.dimensions[i].d}`, controls),
  };
  const rho = choice("Correlation ρ of X and Y",
    Object.fromEntries(data.rhos.map((value, i) => [i, value])), controls);
  const row = make("div", { class: "picture-panels" }, root);
  const panel = title => {
    const element = make("div", {}, row);
    make("p", { class: "picture-title" }, element, title);
    return element;
  };

  const ends = [-3.5, 3.5], ticks = [-2, 0, 2].map(at => [at, text(at, 0)]);
  const scatter = plot(panel("Samples, with noise of σ/2"), {
    x: { ends, ticks, label: "first dimension of X" },
    y: { ends, ticks, label: "first dimension of Y" },
  });
  const noises = Array.from({ length: n }, () =>
    make("circle", { class: "noise" }, scatter.below));
  const points = Array.from({ length: n }, () =>
    make("circle", { class: "second sample", r: 2.5 }, scatter.below));

  const indices = [[1, "1"], [n, `${n}`]];
  const gram = plot(panel("Gram matrix of X"), {
    x: { ends: [0.5, n + 0.5], ticks: indices, label: "sample" },
    y: { ends: [n + 0.5, 0.5], ticks: indices, label: "sample" },
  });
  const edge = 250 / n;
  const cells = Array.from({ length: n * n }, (_, i) => make("rect", {
    class: "similarity", width: edge, height: edge,
    x: gram.x(i % n + 0.5), y: gram.y(Math.floor(i / n) + 0.5),
  }, gram.below));

  const spectrum = plot(panel("Its eigenvalues"), {
    x: { ends: [0.5, n + 0.5], ticks: indices, label: "number" },
    y: { ends: [0, 1.05], ticks: [[0, "0"], [0.5, "0.5"], [1, "1"]], label: "eigenvalue" },
  });
  const bars = Array.from({ length: n }, (_, i) => make("rect", {
    class: "first", width: 6, x: spectrum.x(i + 1) - 3,
  }, spectrum.below));

  const [low, high] = [widths[0], widths.at(-1)];
  const curves = plot(panel("Entropy and information"), {
    x: {
      ends: [low, high], label: "kernel width σ",
      ticks: [-2, -1, 0, 1, 2, 3].map(at => [at, String(10 ** at)]),
    },
    y: { ends: [0, 1.3 * most], ticks: [[0, "0"], [most, "log N"]], label: "bits" },
  });
  make("path", { class: "bisector", d: curves.line([[low, most], [high, most]]) }, curves.below);
  const rules = Object.keys(data.dimensions[0].rules).map((name, i) => ({
    line: make("path", { class: "rule" }, curves.below),
    label: make("text", { y: curves.y((1.24 - 0.075 * i) * most), class: "over" }, curves.svg, name),
    // the narrowest rule has its room on the left
    side: i ? { "text-anchor": "start", dx: 3 } : { "text-anchor": "end", dx: -3 },
  }));
  const now = make("path", { class: "now" }, curves.below);
  const drawn = ["first", "second"].flatMap(style => [`${style} dashed`, style])
    .map(style => make("path", { class: style }, curves.below));
  const marks = ["first", "second"].map(style => make("circle", { class: style, r: 4 }, curves.svg));
  const lines = make("p", { class: "picture-lines" }, row.lastChild);
  make("span", { class: "first" }, lines, "━ S(X)");
  make("span", { class: "second" }, lines, "━ I(X;Y)");
  make("span", {}, lines, "┅ more samples");
  const tell = teller(root);

  // eigenvalues of a symmetric matrix, the largest first: Jacobi's rotations
  const eigenvalues = matrix => {
    const a = matrix.map(line => [...line]);
    for (let sweep = 0; sweep < 30; sweep++) {
      let off = 0;
      for (let p = 0; p < n; p++) {
        for (let q = p + 1; q < n; q++) {
          if (a[p][q] === 0) continue;
          off += a[p][q] ** 2;
          const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
          const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
          const c = 1 / Math.hypot(t, 1), s = t * c;
          for (let k = 0; k < n; k++) {
            const [x, y] = [a[k][p], a[k][q]];
            [a[k][p], a[k][q]] = [c * x - s * y, s * x + c * y];
          }
          for (let k = 0; k < n; k++) {
            const [x, y] = [a[p][k], a[q][k]];
            [a[p][k], a[q][k]] = [c * x - s * y, s * x + c * y];
          }
        }
      }
      if (off < 1e-24) break;
    }
    return a.map((line, i) => line[i]).sort((one, other) => other - one);
  };

  const similarities = (distances, sigma) => {
    const matrix = Array.from({ length: n }, () => new Array(n).fill(1));
    let at = 0;
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        matrix[i][j] = matrix[j][i] = Math.exp(-distances[at++] / (2 * sigma ** 2));
      }
    }
    return matrix;
  };

  const draw = () => {
    const i = Number(inputs.width.value);
    const own = data.dimensions[Number(inputs.d.value)];
    const k = Number(rho.value);
    const sigma = sigmaAt(i);

    const [xs, ys] = [own.points[0], own.points[1 + k]];
    const radius = Math.min(sigma / 2 * 250 / 7, 1000).toFixed(2);
    xs.forEach((x, j) => {
      const place = { cx: scatter.x(x).toFixed(1), cy: scatter.y(ys[j]).toFixed(1) };
      set(points[j], place);
      set(noises[j], { ...place, r: radius });
    });
    set(scatter.svg, { "aria-label": `${n} samples of the first dimensions of X and Y, each with ` +
      `a disc of the radius ${text(sigma / 2)}` });

    const matrix = similarities(own.distances, sigma);
    matrix.flat().forEach((value, j) => set(cells[j], { "fill-opacity": value.toFixed(3) }));
    const values = eigenvalues(matrix).map(value => Math.max(value, 0) / n);
    values.forEach((value, j) => set(bars[j], {
      y: spectrum.y(value).toFixed(1), height: (spectrum.y(0) - spectrum.y(value)).toFixed(1),
    }));
    const count = values.filter(value => value > 0.001).length;
    const largest = text(values[0], 3);
    const mean = matrix.flat().reduce((sum, value) => sum + value - 1 / n, 0) / (n * (n - 1));
    set(gram.svg, { "aria-label": `Gram matrix of ${n} samples: 1 on the diagonal, ` +
      `${text(mean)} off it in the mean` });
    set(spectrum.svg, { "aria-label": `Eigenvalues: the largest is ${largest}, and ${count} are ` +
      "above 0.001" });

    const series = [own.entropy_estimand, own.entropy,
      own.information_estimand[k], own.information[k]];
    series.forEach((bits, j) =>
      set(drawn[j], { d: curves.line(bits.map((value, at) => [widths[at], value])) }));
    set(now, { d: curves.line([[widths[i], 0], [widths[i], 1.3 * most]]) });
    [series[1], series[3]].forEach((bits, j) =>
      set(marks[j], { cx: curves.x(widths[i]), cy: curves.y(bits[i]) }));
    rules.forEach(({ line, label, side: where }) => {
      const at = Math.log10(own.rules[label.textContent]);
      set(line, { d: curves.line([[at, 0], [at, 1.3 * most]]) });
      set(label, { x: curves.x(at), ...where });
    });
    const [entropyEstimand, entropy, estimand, information] = series.map(bits => text(bits[i]));
    set(curves.svg, { "aria-label": "Entropy and information fall from log N to 0 as the width " +
      "grows. The rules: " + Object.entries(own.rules)
        .map(([name, width]) => `${name} ${text(width)}`).join(", ") });
    tell(`σ = ${sigmaText(i)}, noise of ${text(sigma / 2)}: S(X) is ${entropy} and I(X;Y) is ` +
      `${information} of ${text(most, 0)} bits; with more and more samples they tend to ` +
      `${entropyEstimand} and ${estimand}. The truth is ${text(own.truth[k])} bits. The largest ` +
      `eigenvalue is ${largest}.`);
  };
  Object.values(inputs).forEach(input => input.addEventListener("input", draw));
  rho.addEventListener("change", draw);
  draw();
});
