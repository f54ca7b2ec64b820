// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The bar below the slice: which one it is of the stack.

import { h } from "./dom.js";

export class Bar {
  constructor(viewer) {
    this.viewer = viewer;
    this.slider = h("input", { type: "range", min: 1, max: viewer.volume.slices, value: 1, "aria-label": "Slice",
                               oninput: () => viewer.show(Number(this.slider.value) - 1) });
    this.element = h("div", { class: "bar" }, this.slider);
  }

  // As the viewer is now.
  update() {
    this.slider.value = this.viewer.index + 1;
    this.slider.setAttribute("aria-valuetext", this.viewer.volume.nameOf(this.viewer.index));
  }
}
