// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The bar below the slice: which one it is of the stack, the window, and what hand and keys can do.

import { facts, h } from "./dom.js";
import { PRESETS } from "./window.js";

const GESTURES = [
  ["Wheel, arrow keys", "to the next slice"], ["Page Up and Down, Home, End", "ten slices on, the first, the last"],
  ["Drag", "window: to the right wider, down darker"], ["[ and ], comma and full stop", "window: narrower, wider, brighter, darker"],
  ["Right button, or Shift and drag", "move the image"], ["Ctrl and wheel, + and -", "zoom"], ["0", "as it was at first"],
  ["Ctrl+Z, Ctrl+Y", "undo and redo, while a mask is drawn"], ["n, p", "the next case of the list, the previous one"], ["?", "this list"],
];

export class Bar {
  constructor(viewer) {
    this.viewer = viewer;
    this.slider = h("input", { type: "range", min: 1, max: viewer.volume.slices, value: 1, "aria-label": "Slice",
                               oninput: () => viewer.show(Number(this.slider.value) - 1) });
    this.windows = h("select", { "aria-label": "Window", onchange: () => viewer.choosePreset(this.windows.value) },
                     PRESETS.map(([value, name]) => h("option", { value }, name)),
                     h("option", { value: "hand", disabled: true, hidden: true }, "Window: by hand"));
    this.help = h("details", { class: "help" }, h("summary", {}, "Help"), facts(GESTURES));
    this.element = h("div", { class: "bar" }, this.slider, this.windows, this.help);
  }

  toggleHelp() {
    this.help.open = !this.help.open;
  }

  // As the viewer is now.
  update() {
    this.slider.value = this.viewer.index + 1;
    this.slider.setAttribute("aria-valuetext", this.viewer.volume.nameOf(this.viewer.index));
    this.windows.value = this.viewer.preset;
  }
}
