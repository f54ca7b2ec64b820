// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Draws one slice with its layers. Only what changed is made anew: the image by the slice and the window, a layer by the
// slice and its mask; zoom, place and opacity are the canvas's own work.

export class Viewer {
  constructor(host, volume) {
    this.volume = volume;
    this.canvas = host.querySelector("canvas");
    this.note = host.querySelector(".note");
    this.context = this.canvas.getContext("2d");
    this.image = new OffscreenCanvas(volume.columns, volume.rows);
    this.layers = [];        // {mask, colour: [r, g, b]} or {pictures: slice -> ImageData}, opacity, isShown, canvas
    this.index = Math.floor(volume.slices / 2);
    this.window = null;      // {centre, width}
    this.zoom = 1;
    this.shift = [0, 0];
    this.isWanted = false;
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(host);
  }

  close() {
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

  fit() {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * ratio));
    this.canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * ratio));
    this.draw();
  }

  show(index) {
    this.index = Math.min(this.volume.slices - 1, Math.max(0, index));
    this.paintImage();
    for (const layer of this.layers) this.paintLayer(layer);
    this.draw();
    this.volume.prefetch(this.index);
  }

  // From the 1st to the 99th percentile of the slice.
  setWindowBy(voxels) {
    const sample = Int16Array.from(voxels.filter((_, i) => i % 7 === 0)).sort();
    const low = sample[Math.floor(sample.length * 0.01)];
    const high = sample[Math.floor(sample.length * 0.99)];
    this.window = { centre: (low + high) / 2, width: Math.max(1, high - low) };
  }

  paintImage() {
    const voxels = this.volume.slice(this.index, () => { this.paintImage(); this.draw(); });
    this.isWaiting = voxels === null;
    if (voxels === null) return;
    if (!this.window) this.setWindowBy(voxels);
    const context = this.image.getContext("2d");
    const picture = context.createImageData(this.volume.columns, this.volume.rows);
    const pixels = new Uint32Array(picture.data.buffer);
    const low = this.window.centre - this.window.width / 2;
    const scale = 255 / this.window.width;
    for (let i = 0; i < voxels.length; i++) {
      const grey = Math.max(0, Math.min(255, (voxels[i] - low) * scale)) | 0;
      pixels[i] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
    }
    context.putImageData(picture, 0, 0);
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
    for (let i = 0; i < slice.length; i++) if (slice[i]) pixels[i] = paint;
    context.putImageData(picture, 0, 0);
  }

  // Where the slice lies on the canvas, by real size: voxels need not be square.
  place() {
    const [rowMm, columnMm] = this.volume.spacing;
    const width = this.volume.columns * columnMm;
    const height = this.volume.rows * rowMm;
    const scale = this.zoom * Math.min(this.canvas.width / width, this.canvas.height / height);
    return { x: (this.canvas.width - width * scale) / 2 + this.shift[0], y: (this.canvas.height - height * scale) / 2 + this.shift[1],
             width: width * scale, height: height * scale };
  }

  draw() {
    if (this.isWanted) return;
    this.isWanted = true;
    requestAnimationFrame(() => {
      this.isWanted = false;
      const { x, y, width, height } = this.place();
      this.context.fillStyle = "#000";
      this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
      this.context.imageSmoothingEnabled = this.zoom < 4;
      this.context.drawImage(this.image, x, y, width, height);
      for (const layer of this.layers.filter((l) => l.isShown)) {
        this.context.globalAlpha = layer.opacity;
        this.context.drawImage(layer.canvas, x, y, width, height);
      }
      this.context.globalAlpha = 1;
      this.note.textContent = `slice ${this.index + 1} of ${this.volume.slices}${this.isWaiting ? ", loading" : ""}` +
        (this.window ? `, window ${Math.round(this.window.centre)} / ${Math.round(this.window.width)}` : "");
    });
  }

  // Voxel [column, row] under a point of the page; may lie outside.
  voxelAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const ratio = this.canvas.width / box.width;
    const { x, y, width, height } = this.place();
    return [((event.clientX - box.left) * ratio - x) / width * this.volume.columns,
            ((event.clientY - box.top) * ratio - y) / height * this.volume.rows];
  }
}
