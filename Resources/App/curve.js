// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { h } from "./dom.js";

// Chart.js (chart.min.js, of Debian's libjs-chart.js) is a script for pages, which leaves itself as a global; it is fetched by the
// first curve that is drawn.
const getLibrary = async () => {
  await import("./chart.min.js");
  return globalThis.Chart;
};

const COLOURS = ["--strong", "--warm", "--good"];   // of app.css
const DASHES = [[], [6, 3], [2, 3]];
const MOST_POINTS = 1000;   // of one line, as drawn

// Null for what is no event: an empty line, or one that a full disk or a kill left half.
function readEvent(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

// As the report's figure (Training/Reports/LossFigure.cpp): a stage, which its input size and number of steps tell, counts on from
// the one before; what a run repeats after it was resumed, or begun anew, stands once.
function append(curve, event, loss) {
  const stage = `${event.input_size}/${event.of}`;
  if (!curve.offsets.has(stage)) curve.offsets.set(stage, curve.end);
  const offset = curve.offsets.get(stage);
  const at = event.step_in_all ?? offset + event.step;   // events of earlier releases do not say it
  curve.end = Math.max(curve.end, at, offset + (Number(event.of) || 0));
  while (curve.points.length > 0 && curve.points.at(-1)[0] >= at) curve.points.pop();
  curve.points.push([at, loss]);
}

// Loss against step, one line for each unit of a run; its events are JSON lines, which come bit by bit.
export class LossCurve {
  constructor() {
    this.curves = new Map();   // unit -> {points: [step, loss], offsets: of each stage the steps before it, end: of the last stage}
    this.rest = "";            // a line whose end has not come yet
  }

  add(text) {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop();
    for (const line of lines) {
      const event = readEvent(line);
      if (!event) continue;
      const value = event.total ?? event.reconstruction;
      if (event.event !== "step" || typeof value !== "number" || typeof event.step !== "number") continue;
      const unit = event.unit || "";
      if (!this.curves.has(unit)) this.curves.set(unit, { points: [], offsets: new Map(), end: 0 });
      append(this.curves.get(unit), event, value);
    }
  }

  // Each line's name, with where it begins, its least and its latest loss: what a picture says to those who see it.
  describe() {
    return [...this.curves].map(([unit, { points }]) => {
      const losses = points.map(([, loss]) => loss);
      return { unit: unit || "the run", step: points.at(-1)[0], first: losses[0], least: losses.reduce((a, b) => Math.min(a, b)), last: losses.at(-1) };
    });
  }
}

function makeOptions(isLogarithmic) {
  const style = getComputedStyle(document.documentElement);
  const [text, line] = [style.getPropertyValue("--quiet"), style.getPropertyValue("--line")];
  const axis = (title, rest) => ({ title: { display: true, text: title, color: text }, ticks: { color: text }, grid: { color: line }, ...rest });
  return {
    animation: false, parsing: false, normalized: true, maintainAspectRatio: false,
    interaction: { mode: "nearest", axis: "x", intersect: false },
    elements: { point: { radius: 0, hitRadius: 8 }, line: { borderWidth: 1.5 } },
    scales: { x: axis("Step", { type: "linear", min: 0 }),
              y: axis("Loss", isLogarithmic ? { type: "logarithmic" } : { type: "linear", beginAtZero: true }) },
    plugins: { legend: { labels: { color: text, boxHeight: 0, boxWidth: 30 } },
               decimation: { enabled: true, algorithm: "lttb", samples: MOST_POINTS, threshold: 2 * MOST_POINTS } },
  };
}

function makeLines(curves) {
  const style = getComputedStyle(document.documentElement);
  return [...curves].map(([unit, { points }], i) => {
    const colour = style.getPropertyValue(COLOURS[i % COLOURS.length]);
    return { label: unit || "the run", data: points.map(([x, y]) => ({ x, y })), borderColor: colour, backgroundColor: colour,
             borderDash: DASHES[Math.floor(i / COLOURS.length) % DASHES.length] };
  });
}

// The curve as a chart with axes, and as a table for those who do not see it. `place` is the element to show; close() when the page
// is left.
export class LossChart {
  constructor(curve) {
    this.curve = curve;
    this.canvas = h("canvas", { role: "img" });
    this.isLogarithmic = h("input", { type: "checkbox", onchange: () => this.draw() });
    this.rows = h("tbody");
    this.place = h("section", { "aria-label": "Loss" }, h("h2", {}, "Loss"), h("label", { class: "inline" }, this.isLogarithmic, "logarithmic"),
                   h("div", { class: "curve" }, this.canvas),
                   h("details", {}, h("summary", {}, "As a table"),
                     h("table", {}, h("thead", {}, h("tr", {}, ["Unit", "Step", "First loss", "Least", "Latest"].map((t) => h("th", { scope: "col" }, t)))), this.rows)));
    this.chart = null;
    this.isClosed = false;
    this.theme = matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => this.draw();
    this.theme.addEventListener("change", this.redraw);
  }

  async draw() {
    const units = this.curve.describe();
    this.canvas.setAttribute("aria-label", `Loss against step, ${units.length} curves; the table below says the same`);
    this.rows.replaceChildren(...units.map(({ unit, step, first, least, last }) =>
      h("tr", {}, [unit, step, ...[first, least, last].map((loss) => loss.toPrecision(4))].map((cell) => h("td", {}, cell)))));
    const Chart = await getLibrary();
    if (this.isClosed) return;
    this.chart ??= new Chart(this.canvas, { type: "line", data: { datasets: [] } });
    this.chart.options = makeOptions(this.isLogarithmic.checked);
    const shown = this.chart.data.datasets;
    const hidden = shown.filter((_, i) => !this.chart.isDatasetVisible(i)).map((line) => line.label);   // by the legend, and so they stay
    this.chart.data = { datasets: makeLines(this.curve.curves).map((line) => ({ ...line, hidden: hidden.includes(line.label) })) };
    this.chart.update();
  }

  close() {
    this.isClosed = true;
    this.theme.removeEventListener("change", this.redraw);
    this.chart?.destroy();
  }
}
