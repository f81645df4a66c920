// The benchmark's table, scored on the cases that a reader chooses; a row opens its planes.
pictures.each(".leaderboard-picture", (root, data) => {
  const { make, set, choice, teller, text, plot, look, key } = pictures;
  const table = root.querySelector(".leaderboard table");
  const heads = [...table.tHead.rows[0].cells].map(cell => cell.textContent);
  const rows = Object.fromEntries([...table.tBodies[0].rows].map(row =>
    [row.cells[0].textContent, row]));
  const scores = Object.keys(data.scores.few);
  const parts = [...new Set(scores.map(score => score.split(" ")[0]))];
  const casesOf = part => Object.keys(data.scores.few[`${part} bits`]);
  const [few, many] = data.samples;

  // --- what is chosen

  const controls = make("div", { class: "picture-controls" });
  root.prepend(controls);
  const cases = choice("Cases", { "": "all" }, controls);
  parts.forEach(part => {
    const group = make("optgroup", { label: part }, cases);
    make("option", { value: part }, group, `all of ${part}`);
    casesOf(part).forEach(name => make("option", { value: `${part}/${name}` }, group, name));
  });
  const samples = choice("Samples N", {
    both: `${few} and ${many}`, few: `${few}`, many: `${many}`,
  }, controls);
  const uses = choice("What a row may know",
    Object.fromEntries([["", "all"], ...data.uses.map(use => [use, use])]), controls);
  const tell = teller(root);
  root.prepend(controls, root.lastChild);

  // --- scores: means over cases, and overall the mean over parts of a part's scores; a part that
  // is not in the overall score of all is in its own

  const mean = numbers => {
    const known = numbers.filter(number => number !== null);
    return known.length ? known.reduce((sum, one) => sum + one, 0) / known.length : null;
  };
  const valuesOf = (score, i) => {
    const [part, name] = cases.value.split("/");
    if (part && part !== score.split(" ")[0]) return [];
    const own = samples.value === "both"
      ? { ...data.scores.few[score], ...data.scores.both[score] }
      : data.scores[samples.value][score] ?? {};
    return Object.entries(own).filter(([one]) => !name || one === name)
      .map(([one, values]) => [one, values[i]]);
  };
  const scored = i => {
    const values = Object.fromEntries(scores.map(score => [score, valuesOf(score, i)]));
    const means = Object.fromEntries(scores.map(score =>
      [score, mean(values[score].map(([, value]) => value))]));
    const counting = cases.value ? parts : data.overall;
    means.overall = mean(counting.map(part =>
      mean(scores.filter(score => score.startsWith(`${part} `)).map(score => means[score]))));
    const answered = Object.entries(values).flatMap(([score, own]) =>
      own.filter(([, value]) => value !== null).map(([name]) => `${score.split(" ")[0]} ${name}`));
    return { means, cases: new Set(answered).size };
  };

  const atFirst = Object.values(rows).map(row => [...row.cells].map(cell =>
    [cell, cell.textContent, cell.dataset.value]));
  const put = (cell, value) => {
    cell.textContent = value === null ? "" : text(value);
    cell.dataset.value = value ?? "";
  };
  const score = () => {
    const asItWas = !cases.value && samples.value === "both";
    atFirst.forEach(cells => cells.slice(1).forEach(([cell, was, value]) => {
      cell.textContent = was;
      if (value !== undefined) cell.dataset.value = value;
    }));
    const shown = data.rows.filter((name, i) => {
      const { means, cases: count } = scored(i);
      const row = rows[name];
      if (!asItWas) {
        Object.entries(means).forEach(([name, value]) =>
          put(row.cells[heads.indexOf(name)], value));
        ["low", "high"].forEach(name => put(row.cells[heads.indexOf(name)], null));
        row.cells[heads.indexOf("cases")].textContent = count;
      }
      row.hidden = (uses.value && uses.value !== data.uses[i]) || !count;
      return !row.hidden;
    });
    table.dispatchEvent(new Event("rescored"));
    const best = Object.values(rows).filter(row => !row.hidden)
      .map(row => [row.cells[0].textContent, Number(row.cells[heads.indexOf("overall")]
        .dataset.value)])
      .reduce((one, other) => other[1] > one[1] ? other : one, ["nobody", -Infinity]);
    tell(`${shown.length} of ${data.rows.length} rows. Best overall: ${best[0]}` +
      (shown.length ? `, ${text(best[1])}.` : ".") +
      (asItWas ? "" : " Scores are of the chosen cases; low and high are known of all cases only."));
  };

  // --- the planes of a row

  const dialog = make("dialog", { class: "picture-dialog", "aria-labelledby": "planes-of" }, root);
  const title = make("h3", { id: "planes-of" }, dialog);
  const selects = make("div", { class: "picture-controls" }, dialog);
  const network = choice("Network",
    Object.fromEntries(Object.keys(data.networks).map(name => [name, name])), selects);
  const views = { plane: "information plane", time: "input MI over the training" };
  const view = choice("Picture", views, selects);
  const panels = make("div", { class: "picture-panels" }, dialog);
  const layersKey = make("div", {}, dialog);
  const tellPlanes = teller(dialog);
  const form = make("form", { method: "dialog" }, dialog);
  make("button", { class: "btn btn-primary" }, form, "Close");
  let row = 0;

  const OTHER = { output_mi: "output MI", label_mi: "MI with the labels" };
  const HIGH = 10, LOW = -2;  // bits that are drawn: log₂ N is 9

  const open = () => {
    title.textContent = data.rows[row];
    const own = data.networks[network.value];
    const of = (quantity, layer) =>
      own.questions.findIndex(([a, b]) => a === quantity && b === layer);
    const both = [own.seen[row], own.exact].map(answers =>
      answers.map(moments => moments.map(value => value === null ? null : value / 100)));
    const asPlane = view.value === "plane" && own.other !== null;
    view.disabled = own.other === null;
    const shown = Object.keys(own.layers).filter(layer =>
      of("input_mi", layer) >= 0 && (!asPlane || of(own.other, layer) >= 0));
    const questions = shown.flatMap(layer => [of("input_mi", layer),
      ...(asPlane ? [of(own.other, layer)] : [])]);
    const numbers = both.flatMap(bits => questions.flatMap(q => bits[q]))
      .filter(value => value !== null);
    const low = Math.max(LOW, Math.min(0, ...numbers)) - 0.1;
    const high = Math.min(HIGH, Math.max(...numbers)) + 0.3;
    const step = high - low > 5 ? 2 : 1;
    const ticks = Array.from({ length: 14 }, (_, i) => step * i - 2)
      .filter(at => at >= low && at <= high).map(at => [at, text(at, 0)]);
    const bits = { ends: [low, high], ticks };
    const last = own.iterations.length - 1;
    const time = { ends: [-0.3, last + 0.3], label: "updates",
      ticks: own.iterations.map((at, i) => [i, (last - i) % 2 ? "" : at]) };
    const within = value => Math.min(Math.max(value, low), high);

    panels.replaceChildren();
    const told = ["As it sees the layers", "In truth"].map((name, side) => {
      const panel = make("div", {}, panels);
      make("p", { class: "picture-title" }, panel, name);
      const drawn = plot(panel, {
        x: asPlane ? { ...bits, label: "input MI [bits]" } : time,
        y: { ...bits, label: asPlane ? `${OTHER[own.other]} [bits]` : "input MI [bits]" },
      });
      if (asPlane) make("path", { class: "bisector", d: drawn.line([[low, low], [high, high]]) },
        drawn.below);
      const answers = both[side];
      const ends = shown.map(layer => {
        const [label, color] = own.layers[layer];
        const ys = answers[of(asPlane ? own.other : "input_mi", layer)];
        const xs = asPlane ? answers[of("input_mi", layer)] : own.iterations.map((_, i) => i);
        const course = xs.map((x, i) => [x, ys[i]])
          .filter(([x, y]) => x !== null && y !== null)
          .map(([x, y]) => [asPlane ? within(x) : x, within(y)]);
        make("path", { class: "course", stroke: color, d: drawn.line(course) }, drawn.svg);
        course.forEach(([x, y], i) => make("circle", {
          r: i === course.length - 1 ? 5 : 2, cx: drawn.x(x).toFixed(1), cy: drawn.y(y).toFixed(1),
          "data-layer": layer, ...look(layer, color),
        }, drawn.svg));
        const end = (asPlane ? [xs.at(-1), ys.at(-1)] : [ys.at(-1)]).map(value => text(value));
        return `${label} ${asPlane ? `(${end.join(", ")})` : end[0]}`;
      });
      const said = `${name}: ${ends.join("; ")}.`;
      set(drawn.svg, { "aria-label": `${views[asPlane ? "plane" : "time"]}, where layers end. ${said}` });
      return said;
    });
    layersKey.replaceChildren();
    key(Object.fromEntries(shown.map(layer => [layer, own.layers[layer]])), layersKey);
    const missing = questions.flatMap(q => both[0][q]).filter(value => value === null).length;
    const beyond = numbers.filter(value => value < low || value > high);
    tellPlanes(`Where layers end, in bits. ${told.join(" ")}` +
      (missing ? ` ${missing} answers are missing.` : "") +
      (beyond.length ? ` ${beyond.length} answers lie beyond the edges, from ` +
        `${text(Math.min(...beyond))} to ${text(Math.max(...beyond))}.` : ""));
  };
  [network, view].forEach(select => select.addEventListener("change", open));

  Object.entries(rows).forEach(([name, line]) => {
    line.cells[0].replaceChildren();
    const button = make("button", { type: "button", "aria-haspopup": "dialog" }, line.cells[0],
      name);
    button.addEventListener("click", () => {
      row = data.rows.indexOf(name);
      if (cases.value.startsWith("networks/")) network.value = cases.value.split("/")[1];
      open();
      dialog.showModal();
    });
  });
  [cases, samples, uses].forEach(select => select.addEventListener("change", score));
  const overall = table.tHead.rows[0].cells[heads.indexOf("overall")];
  set(overall, { "aria-sort": "descending" });
  score();
});
