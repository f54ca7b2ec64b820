// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

import { svg } from "./dom.js";

// Loss against step, one line for each unit of a run; its events are JSON lines.
export function lossCurve(lines) {
  const curves = new Map();
  for (const line of lines.split("\n")) {
    if (!line) continue;
    const event = JSON.parse(line);
    const value = event.total ?? event.reconstruction;
    if (event.event !== "step" || typeof value !== "number") continue;
    const points = curves.get(event.unit || "") || [];
    points.push([points.length, value]);
    curves.set(event.unit || "", points);
  }
  const all = [...curves.values()].flat();
  const [width, height, edge] = [480, 160, 28];
  const lastX = Math.max(1, ...all.map(([x]) => x));
  const highest = Math.max(1e-9, ...all.map(([, y]) => y));
  const place = ([x, y]) => `${edge + x / lastX * (width - edge - 8)},${height - edge + 8 - y / highest * (height - edge - 8)}`;
  return svg("svg", { class: "curve", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Loss against step, ${curves.size} curves, highest ${highest.toFixed(2)}` },
             svg("text", { x: 2, y: 14 }, highest.toFixed(2)), svg("text", { x: 2, y: height - edge + 10 }, "0"),
             svg("text", { x: width / 2 - 20, y: height - 4 }, "steps"),
             ...[...curves.values()].map((points) => svg("polyline", { points: points.map(place).join(" ") })));
}
