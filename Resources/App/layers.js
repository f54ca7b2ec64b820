// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What may lie over the images: masks, and where the network looked.

import { field, h, say } from "./dom.js";
import { fetchSaliency } from "./saliency.js";

export function layerControl(viewer, name, layer) {
  const swatch = h("span", { class: "swatch" });
  swatch.style.backgroundColor = `rgb(${layer.colour.join(", ")})`;
  return h("div", { class: "row" },
           h("label", {}, h("span", {}, swatch, name), h("input", { type: "checkbox", checked: layer.isShown, onchange: (event) => {
             layer.isShown = event.target.checked; viewer.draw();
           } })),
           field("Opacity", h("input", { type: "range", min: 0, max: 100, value: layer.opacity * 100, "aria-label": `Opacity of the ${name}`,
                                         oninput: (event) => { layer.opacity = event.target.value / 100; viewer.draw(); } })));
}

// A fill hides what lies below it.
export function outlineControl(viewer) {
  return h("label", { class: "switch" }, h("input", { type: "checkbox", checked: viewer.isOutlined,
                                                      onchange: (event) => viewer.setOutlines(event.target.checked) }), "Outlines only");
}

// Off until it is asked for: the reader looks at the image first. It is fetched then, once, however often the box is
// ticked meanwhile.
export function saliencyControl(viewer, result) {
  let fetching = null;   // the promise of the layer
  const box = h("input", { type: "checkbox", onchange: () => toggle() });
  const setOpacity = (layer) => { layer.opacity = opacity.value / 100; viewer.draw(); };
  const opacity = h("input", { type: "range", min: 0, max: 100, value: 100, "aria-label": "Opacity of the saliency",
                               oninput: () => fetching?.then(setOpacity, () => {}) });
  async function toggle() {
    const { index } = viewer;
    try {
      fetching ??= fetchSaliency(result, viewer.volume).then((pictures) => viewer.addPictures(pictures, opacity.value / 100));
      const layer = await fetching;
      layer.isShown = box.checked;   // as it is now
      // To its first slice, unless the reader has scrolled meanwhile.
      if (layer.isShown && !layer.pictures.has(index) && viewer.index === index) viewer.show(result.saliency_slices[0]);
      viewer.draw();
    } catch (error) {
      fetching = null;
      box.checked = false;
      say(error.message, true);
    }
  }
  return h("div", { class: "saliency" },
           h("div", { class: "row" }, h("label", {}, h("span", {}, "Saliency"), box), field("Opacity", opacity)),
           h("div", { class: "heat", role: "img", "aria-label": "Colours from blue, little, to red, most in this study" }),
           h("p", { class: "quiet" }, `Where the network looked, not where the tumour is (Grad-CAM for ${result.prediction.status}). ` +
             `Blue: little, red: the most in this study, whatever that is worth. On ${result.saliency_slices.map((i) => viewer.volume.nameOf(i)).join("; ")} only. ` +
             "Research use only."));
}
