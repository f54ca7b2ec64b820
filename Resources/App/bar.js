// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The bar below the slice: which one it is of the stack, and the window.

import { h } from "./dom.js";
import { PRESETS } from "./window.js";

export class Bar {
  constructor(viewer) {
    this.viewer = viewer;
    this.slider = h("input", { type: "range", min: 1, max: viewer.volume.slices, value: 1, "aria-label": "Slice",
                               oninput: () => viewer.show(Number(this.slider.value) - 1) });
    this.windows = h("select", { "aria-label": "Window", onchange: () => viewer.choosePreset(this.windows.value) },
                     PRESETS.map(([value, name]) => h("option", { value }, name)),
                     h("option", { value: "hand", disabled: true, hidden: true }, "Window: by hand"));
    this.element = h("div", { class: "bar" }, this.slider, this.windows);
  }

  // As the viewer is now.
  update() {
    this.slider.value = this.viewer.index + 1;
    this.slider.setAttribute("aria-valuetext", this.viewer.volume.nameOf(this.viewer.index));
    this.windows.value = this.viewer.preset;
  }
}
