// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Draws one slice with its layers. Only what changed is made anew: the image by the slice and the window, a layer by the
// slice and its mask. The canvas has one pixel for a voxel, and the browser's compositor scales and places it: drawn at the
// screen's size a slice took fifteen times as long without a GPU (test_dashboard_speed.py).

import { Bar } from "./bar.js";
import { h } from "./dom.js";
import { makeWindow } from "./window.js";

const ZOOM = { least: 0.5, most: 20 };
const EDGE_PX = 12;   // half of what a letter at the edge takes
const NOTE_PX = 5;    // above the bar
const OUTLINES = "h3k27m-outlines";   // in the tab's storage
const HEARD_MS = 600;   // so long nothing changes before the slice is told to who does not see it

export class Viewer {
  constructor(host, volume) {
    this.volume = volume;
    this.host = host;
    this.canvas = host.querySelector("canvas");
    this.canvas.width = volume.columns;
    this.canvas.height = volume.rows;
    this.note = host.querySelector(".note");
    this.context = this.canvas.getContext("2d");
    this.picture = this.context.createImageData(volume.columns, volume.rows);
    this.layers = [];        // {mask, colour: [r, g, b]} or {pictures: slice -> ImageData}, opacity, isShown, canvas
    this.index = Math.floor(volume.slices / 2);
    this.window = null;      // {centre, width}
    this.preset = "automatic";   // of which the window is made, or "hand"
    this.zoom = 1;
    this.shift = [0, 0];     // CSS pixels
    this.isWanted = false;
    this.isHeld = false;     // a stroke is drawn: the slice stays, whatever comes meanwhile
    this.fault = "";
    this.isOutlined = sessionStorage.getItem(OUTLINES) === "yes";   // masks are drawn by their edges alone
    this.edges = ["left", "right", "top", "bottom"].map((edge, i) => {
      const letter = h("span", { class: "edge" }, volume.sidesOf(i >> 1)[i & 1]);
      letter.dataset.edge = edge;
      return letter;
    });
    this.told = h("p", { class: "heard", role: "status" });
    this.bar = new Bar(this);
    host.append(...this.edges, this.told, this.bar.element);
    this.observer = new ResizeObserver(() => this.move());
    this.observer.observe(host);
  }

  close() {
    clearTimeout(this.telling);
    this.observer.disconnect();
  }

  addLayer(mask, colour, opacity) {
    const layer = { mask, colour, opacity, isShown: true, canvas: new OffscreenCanvas(this.volume.columns, this.volume.rows) };
    this.layers.push(layer);
    this.paintLayer(layer);
    this.draw();
    return layer;
  }

  // The map over the image and below the masks, so that an outline stays to be seen.
  addPictures(pictures, opacity) {
    const layer = { pictures, opacity, isShown: true, canvas: new OffscreenCanvas(this.volume.columns, this.volume.rows) };
    this.layers.unshift(layer);
    this.paintLayer(layer);
    this.draw();
    return layer;
  }

  setOutlines(isOutlined) {
    this.isOutlined = isOutlined;
    sessionStorage.setItem(OUTLINES, isOutlined ? "yes" : "no");
    for (const layer of this.layers) this.paintLayer(layer);
    this.draw();
  }

  removeLayer(layer) {
    this.layers = this.layers.filter((other) => other !== layer);
    this.draw();
  }

  // What lies under the pointer stays there; without one, by keys, what lies in the middle of the view.
  zoomBy(factor, event = null) {
    const before = this.zoom;
    this.zoom = Math.min(ZOOM.most, Math.max(ZOOM.least, before * factor));
    const middle = this.size().map((length) => length / 2);
    const fixed = (event ? this.inHost(event) : middle).map((at, i) => at - middle[i]);
    this.shift = this.shift.map((shift, i) => fixed[i] - (fixed[i] - shift) * this.zoom / before);
    this.move();
  }

  reset() {
    this.zoom = 1;
    this.shift = [0, 0];
    this.move();
    this.choosePreset("automatic");
  }

  // Made of the slice that is shown, and kept for the others, so that they can be compared.
  choosePreset(preset) {
    this.preset = preset;
    this.window = null;
    this.show(this.index);
  }

  show(index) {
    if (this.isHeld) return;
    this.index = Math.min(this.volume.slices - 1, Math.max(0, index));
    this.paintImage();
    for (const layer of this.layers) this.paintLayer(layer);
    this.draw();
    this.volume.prefetch(this.index);
  }

  setWindow(centre, width) {
    this.window = { centre, width: Math.max(1, width) };
    this.preset = "hand";
    if (!this.isWaiting) this.paintImage();   // else it is painted once it is there
    this.draw();
  }

  // While the voxels are not there nothing is painted: another slice's picture is not this one's.
  paintImage() {
    const index = this.index;
    const voxels = this.volume.slice(index, (error) => {
      if (this.index !== index) return;   // looked away meanwhile
      if (error) this.fault = error.message; else this.paintImage();
      this.draw();
    });
    this.isWaiting = voxels === null;
    this.fault = "";
    if (voxels === null) {
      this.picture.data.fill(0);
      return;
    }
    this.window ??= makeWindow(this.preset, voxels);
    const pixels = new Uint32Array(this.picture.data.buffer);
    const low = this.window.centre - this.window.width / 2;
    const scale = 255 / this.window.width;
    for (let i = 0; i < voxels.length; i++) {
      const grey = Math.max(0, Math.min(255, (voxels[i] - low) * scale)) | 0;
      pixels[i] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
    }
  }

  paintLayer(layer) {
    const context = layer.canvas.getContext("2d");
    context.clearRect(0, 0, layer.canvas.width, layer.canvas.height);
    if (layer.pictures) {
      const ready = layer.pictures.get(this.index);
      if (ready) context.putImageData(ready, 0, 0);
      return;
    }
    const slice = layer.mask.slices.get(this.index);
    if (!slice) return;
    const picture = context.createImageData(this.volume.columns, this.volume.rows);
    const pixels = new Uint32Array(picture.data.buffer);
    const [r, g, b] = layer.colour;
    const paint = (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
    if (this.isOutlined) {
      for (const i of layer.mask.edgeOf(this.index)) pixels[i] = paint;
    } else {
      for (let i = 0; i < slice.length; i++) if (slice[i]) pixels[i] = paint;
    }
    context.putImageData(picture, 0, 0);
  }

  // A point of the page in the host, CSS pixels.
  inHost(event) {
    const box = this.host.getBoundingClientRect();
    return [event.clientX - box.left - this.host.clientLeft, event.clientY - box.top - this.host.clientTop];
  }

  // [across, down] of what of the host is for the slice, CSS pixels.
  size() {
    return [this.host.clientWidth, this.host.clientHeight - this.bar.element.offsetHeight];
  }

  // Where the slice lies in the host, CSS pixels, by real size: voxels need not be square.
  place() {
    const [rowMm, columnMm] = this.volume.spacing;
    const [width, height] = [this.volume.columns * columnMm, this.volume.rows * rowMm];
    const [across, down] = this.size();
    const scale = this.zoom * Math.min(across / width, down / height);
    return { x: (across - width * scale) / 2 + this.shift[0], y: (down - height * scale) / 2 + this.shift[1],
             width: width * scale, height: height * scale };
  }

  // After zoom, shift or another size of the host: nothing is drawn anew.
  move() {
    const { x, y, width, height } = this.place();
    this.canvas.style.transform = `translate(${x}px, ${y}px) scale(${width / this.volume.columns}, ${height / this.volume.rows})`;
    this.canvas.style.imageRendering = this.zoom < 4 ? "auto" : "pixelated";
    // The letters stay at the slice's edges, and in sight where it is larger than the host.
    const [across, down] = this.size();
    this.note.style.bottom = `${this.host.clientHeight - down + NOTE_PX}px`;
    const within = (value, size) => Math.min(size - EDGE_PX, Math.max(EDGE_PX, value));
    const middle = [within(x + width / 2, across), within(y + height / 2, down)];
    const places = [[within(x + EDGE_PX, across), middle[1]], [within(x + width - EDGE_PX, across), middle[1]],
                    [middle[0], within(y + EDGE_PX, down)], [middle[0], within(y + height - EDGE_PX, down)]];
    this.edges.forEach((letter, i) => { letter.style.transform = `translate(${places[i][0]}px, ${places[i][1]}px) translate(-50%, -50%)`; });
  }

  draw() {
    if (this.isWanted) return;
    this.isWanted = true;
    requestAnimationFrame(() => {
      this.isWanted = false;
      this.context.putImageData(this.picture, 0, 0);
      for (const layer of this.isWaiting ? [] : this.layers.filter((l) => l.isShown)) {
        this.context.globalAlpha = this.isOutlined && layer.mask ? Math.min(1, 2 * layer.opacity) : layer.opacity;   // a line is thin
        this.context.drawImage(layer.canvas, 0, 0);
      }
      this.context.globalAlpha = 1;
      const state = !this.isWaiting ? "" : this.fault ? `, ${this.fault}: scroll to try again` : ", loading";
      this.note.textContent = this.volume.nameOf(this.index) + state +
        (this.window ? `, window ${this.volume.describeWindow(this.window)}` : "");
      this.bar.update();
      clearTimeout(this.telling);
      this.telling = setTimeout(() => { this.told.textContent = this.note.textContent; }, HEARD_MS);
    });
  }

  // Voxel [column, row] under a point of the page; may lie outside.
  voxelAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * this.volume.columns, (event.clientY - box.top) / box.height * this.volume.rows];
  }
}
