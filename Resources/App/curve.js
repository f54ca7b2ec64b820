// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { h, svg } from "./dom.js";

const [WIDTH, HEIGHT, EDGE] = [480, 160, 28];
const STYLES = 6;   // of app.css: colour and dashes of a line

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

  draw() {
    const curves = [...this.curves].map(([unit, { points }]) => [unit, points]);
    const lastX = Math.max(1, ...curves.map(([, points]) => points.at(-1)[0]));
    const highest = curves.reduce((most, [, points]) => points.reduce((a, [, loss]) => Math.max(a, loss), most), 1e-9);
    const place = ([step, loss]) => `${EDGE + step / lastX * (WIDTH - EDGE - 8)},${HEIGHT - EDGE + 8 - loss / highest * (HEIGHT - EDGE - 8)}`;
    const style = (i) => `line line${i % STYLES}`;
    return h("div", {},
      svg("svg", { class: "curve", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `Loss against step, ${curves.length} curves, highest ${highest.toFixed(2)}` },
          svg("text", { x: 2, y: 14 }, highest.toFixed(2)), svg("text", { x: 2, y: HEIGHT - EDGE + 10 }, "0"),
          svg("text", { x: WIDTH / 2 - 20, y: HEIGHT - 4 }, "steps"),
          ...curves.map(([, points], i) => svg("polyline", { class: style(i), points: points.map(place).join(" ") }))),
      h("ul", { class: "legend" }, curves.map(([unit], i) => h("li", {},
        svg("svg", { class: "curve sample", viewBox: "0 0 24 8", "aria-hidden": "true" }, svg("polyline", { class: style(i), points: "0,4 24,4" })), unit || "the run"))));
  }
}
