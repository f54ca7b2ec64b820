// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A person's mask: brush and eraser, undo stroke by stroke.

const MAX_UNDO = 100;

export class Editor {
  constructor(viewer, layer) {
    this.viewer = viewer;
    this.layer = layer;
    this.size = 8;         // across, voxels of columns; 1: the voxel under the pointer alone
    this.value = 1;        // 0: eraser
    this.undone = [];      // {index, before, state}
    this.index = null;     // of the slice that a stroke is in, whatever is shown meanwhile; null: no stroke
    this.count = 0;
    this.first = 0;        // the state below all that can be undone
    this.saved = 0;
  }

  // A number for what the mask is now: another one after each move of the brush, an earlier one after undo.
  get state() {
    return this.undone.at(-1)?.state ?? this.first;
  }

  get isChanged() {
    return this.state !== this.saved;
  }

  get isSeen() {
    return this.layer.isShown && this.layer.opacity > 0;
  }

  get isDrawing() {
    return this.index !== null;
  }

  begin() {
    const { mask } = this.layer;
    this.index = this.viewer.index;
    const slice = mask.slices.get(this.index);
    this.undone.push({ index: this.index, before: slice ? slice.slice() : null, state: this.state });
    if (this.undone.length > MAX_UNDO) this.first = this.undone.shift().state;
    if (!slice) mask.slices.set(this.index, new Uint8Array(mask.volume.plane));
    this.last = null;
  }

  // A line of discs from the last point: a fast hand leaves no holes.
  stroke(point) {
    const slice = this.layer.mask.slices.get(this.index);
    const from = this.last || point;
    const steps = Math.max(1, Math.ceil(Math.hypot(point[0] - from[0], point[1] - from[1])));
    for (let i = 0; i <= steps; i++) {
      this.disc(slice, from[0] + (point[0] - from[0]) * i / steps, from[1] + (point[1] - from[1]) * i / steps);
    }
    this.last = point;
    this.undone.at(-1).state = ++this.count;
    this.layer.mask.changed(this.index);
    this.viewer.paintLayer(this.layer);
    this.viewer.draw();
  }

  end() {
    this.index = null;
  }

  disc(slice, column, row) {
    const { rows, columns, spacing } = this.layer.mask.volume;
    const [under, at] = [Math.floor(column), Math.floor(row)];
    if (under >= 0 && under < columns && at >= 0 && at < rows) slice[at * columns + under] = this.value;
    if (this.size === 1) return;
    const radius = this.size / 2;
    const aspect = spacing[0] / spacing[1];   // a disc in mm, not in voxels
    for (let r = Math.max(0, Math.floor(row - radius / aspect)); r <= Math.min(rows - 1, row + radius / aspect); r++) {
      for (let c = Math.max(0, Math.floor(column - radius)); c <= Math.min(columns - 1, column + radius); c++) {
        if (Math.hypot(c + 0.5 - column, (r + 0.5 - row) * aspect) <= radius) slice[r * columns + c] = this.value;
      }
    }
  }

  undo() {
    if (this.isDrawing) return;
    const step = this.undone.pop();
    if (!step) return;
    if (step.before) this.layer.mask.slices.set(step.index, step.before); else this.layer.mask.slices.delete(step.index);
    this.layer.mask.changed(step.index);
    this.viewer.show(step.index);
  }
}
