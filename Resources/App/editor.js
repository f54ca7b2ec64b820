// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A person's mask: brush and eraser; undo and redo, stroke by stroke.

const MAX_UNDO = 100;

export class Editor {
  // `onChanged()`: a stroke has ended, or one was taken back or made again.
  constructor(viewer, layer, onChanged) {
    this.viewer = viewer;
    this.layer = layer;
    this.onChanged = onChanged;
    this.size = 8;         // across, voxels of columns; 1: the voxel under the pointer alone
    this.value = 1;        // 0: eraser
    this.done = [];        // {index, slice, state}: strokes, each with what undoes it
    this.undone = [];      // those that were taken back, each with what makes it again
    this.index = null;     // of the slice that a stroke is in, whatever is shown meanwhile; null: no stroke
    this.count = 0;
    this.first = 0;        // the state below all that can be undone
    this.saved = 0;
  }

  // A number for what the mask is now: another one after each move of the brush, an earlier one after undo.
  get state() {
    return this.done.at(-1)?.state ?? this.first;
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
    this.before = { done: [...this.done], undone: this.undone, first: this.first };
    this.done.push({ index: this.index, slice: slice ? slice.slice() : null, state: this.state });
    if (this.done.length > MAX_UNDO) this.first = this.done.shift().state;
    this.undone = [];
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
    this.changed();
  }

  changed() {
    this.done.at(-1).state = ++this.count;
    this.layer.mask.changed(this.index);
    this.viewer.paintLayer(this.layer);
    this.viewer.draw();
  }

  // A stroke that has changed nothing, beside the image for instance, is none.
  end() {
    const { slices } = this.layer.mask;
    const { index, slice } = this.done.at(-1);
    if (slices.get(index).every((voxel, i) => voxel === (slice ? slice[i] : 0))) {
      Object.assign(this, this.before);
      if (!slice) slices.delete(index);
    }
    this.index = null;
    this.onChanged();
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

  // Of the slice that is shown, where there is something to be seen that goes.
  clearSlice() {
    const { mask } = this.layer;
    if (this.isDrawing || this.viewer.isWaiting || !this.isSeen || !mask.slices.get(this.viewer.index)?.some(Boolean)) return;
    this.begin();
    mask.slices.get(this.index).fill(0);
    this.changed();
    this.end();
  }

  undo() {
    this.turnBack(this.done, this.undone);
  }

  redo() {
    this.turnBack(this.undone, this.done);
  }

  // The last step of a list is turned round, and is the last one of the other list then.
  turnBack(from, to) {
    if (this.isDrawing) return;
    const step = from.pop();
    if (!step) return;
    const { mask } = this.layer;
    to.push({ ...step, slice: mask.slices.get(step.index) || null });
    if (step.slice) mask.slices.set(step.index, step.slice); else mask.slices.delete(step.index);
    mask.changed(step.index);
    this.viewer.show(step.index);
    this.onChanged();
  }
}
