// What the pictures that a reader moves have in common. Each is an element with its numbers in an
// attribute (study/pictures) and, for a page without scripts, a table.
const pictures = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  // a picture for each element, drawn from its numbers
  const each = (selector, draw) => document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(selector).forEach(root => {
      draw(root, JSON.parse(root.dataset.numbers));
      root.querySelectorAll(".picture-table").forEach(table => { table.hidden = true; });
    });
  });

  const make = (tag, attributes = {}, parent = null, text = "") => {
    const inSvg = tag === "svg" || (parent && parent.namespaceURI === SVG);
    const element = inSvg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    set(element, attributes);
    if (text !== "") element.textContent = text;
    if (parent) parent.append(element);
    return element;
  };

  const set = (element, attributes) =>
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));

  const choice = (label, options, parent) => {
    const wrapper = make("label", {}, parent, `${label} `);
    const select = make("select", { class: "form-select" }, wrapper);
    Object.entries(options).forEach(([value, text]) => make("option", { value }, select, text));
    return select;
  };

  // positions 0, 1, … most; what each says is told to who listens, and stands beside it
  const slider = (label, most, value, say, parent) => {
    const wrapper = make("label", { class: "picture-slider" }, parent, `${label} `);
    const input = make("input", { type: "range", min: 0, max: most, step: 1 }, wrapper);
    input.value = value;
    const beside = make("span", {}, wrapper);
    const update = () => {
      beside.textContent = say(Number(input.value));
      input.setAttribute("aria-valuetext", beside.textContent);
    };
    input.addEventListener("input", update);
    update();
    return input;
  };

  // what is seen, in words: read out when it changes, but not at every step of a slider on its way
  const teller = parent => {
    const told = make("p", { class: "picture-told", "aria-live": "polite" }, parent);
    let waiting = 0;
    return text => {
      clearTimeout(waiting);
      if (told.textContent === "") told.textContent = text;
      else waiting = setTimeout(() => { told.textContent = text; }, 150);
    };
  };

  // numbers as the book's tables have them, with a true minus
  const text = (number, digits = 2) =>
    number === null ? "–" : (Number(number.toFixed(digits)) || 0).toFixed(digits).replace("-", "−");

  // two axes: each has its ends, its ticks as [value, text], and a label
  const plot = (parent, { width = 250, height = 250, x, y }) => {
    const LEFT = 46, TOP = 8;
    const svg = make("svg", {
      viewBox: `0 0 ${LEFT + width + 16} ${TOP + height + 36}`, role: "img",
    }, parent);
    const at = ([low, high], size) => value => size * (value - low) / (high - low);
    const across = at(x.ends, width), up = at(y.ends, height);
    const place = {
      x: value => LEFT + across(value),
      y: value => TOP + height - up(value),
    };
    const [left, right] = x.ends.map(place.x), [bottom, top] = y.ends.map(place.y);
    // what is drawn between them stays between them
    const id = `within-${document.querySelectorAll("clipPath").length}`;
    make("rect", {
      x: left, y: top, width, height,
    }, make("clipPath", { id }, svg));
    const below = make("g", { "clip-path": `url(#${id})` }, svg);
    make("path", { class: "axis", d: `M${left} ${top}V${bottom}H${right}` }, svg);
    const ticks = make("g", {}, svg);
    const drawTicks = (ofX, ofY) => {
      ticks.replaceChildren();
      ofX.forEach(([value, said]) => make("text", {
        x: place.x(value), y: bottom + 14, "text-anchor": "middle",
      }, ticks, said));
      ofY.forEach(([value, said]) => make("text", {
        x: left - 6, y: place.y(value) + 4, "text-anchor": "end",
      }, ticks, said));
    };
    drawTicks(x.ticks, y.ticks);
    const middle = TOP + height / 2;
    make("text", { x: LEFT + width / 2, y: bottom + 30, "text-anchor": "middle" }, svg, x.label);
    make("text", {
      x: 10, y: middle, "text-anchor": "middle", transform: `rotate(-90 10 ${middle})`,
    }, svg, y.label);
    const line = points => points.map(([a, b], i) =>
      `${i ? "L" : "M"}${place.x(a).toFixed(1)} ${place.y(b).toFixed(1)}`).join("");
    return { svg, below, ...place, line, drawTicks };
  };

  // the triangle 0 ≤ output MI ≤ input MI ≤ m
  const triangle = ({ below, line }, m) => [
    make("path", { class: "region", d: `${line([[0, 0], [m, 0], [m, m]])}Z` }, below),
    make("path", { class: "bisector", d: line([[0, 0], [m, m]]) }, below),
  ];

  // the encoder's points are filled, those of the decoder and the output open
  const look = (layer, color) => {
    const open = layer.startsWith("D") || layer === "X_out";
    return { class: "layer", stroke: color, fill: open ? "var(--open)" : color };
  };

  const key = (layers, parent) => {
    const list = make("ul", { class: "picture-key" }, parent);
    Object.entries(layers).forEach(([layer, [label, color]]) => {
      const item = make("li", {}, list);
      const svg = make("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, item);
      make("circle", { cx: 6, cy: 6, r: 4.5, ...look(layer, color) }, svg);
      item.append(label);
    });
    return list;
  };

  return { each, make, set, choice, slider, teller, text, plot, triangle, look, key };
})();
