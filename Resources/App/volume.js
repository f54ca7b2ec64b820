// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The voxels of a case, fetched in pieces from the slice that is looked at outwards, and its masks.

import { getBytes } from "./api.js";

const PIECE = { slices: 16, bytes: 32 * 1048576 };   // at most; the server gives twice as many bytes at once
const KEPT_BYTES = 128 * 1048576;   // of voxels: four pieces at least, the one that is shown, its neighbours, and one that comes late

export class Volume {
  // `keptBytes`: of voxels, at most, once they have come; what was looked at last stays.
  constructor(study, view, keptBytes = KEPT_BYTES) {
    this.study = study;
    this.keptBytes = keptBytes;
    this.rows = view.rows;
    this.columns = view.columns;
    this.slices = view.slices;
    this.places = view.places;   // of each slice in the stack without gaps
    this.affine = view.affine;
    this.spacing = view.pixel_spacing_mm;
    this.scale = view.voxel_scale;     // value = scale * number + offset
    this.offset = view.voxel_offset;
    this.plane = this.rows * this.columns;
    this.perPiece = Math.max(1, Math.min(PIECE.slices, Math.floor(PIECE.bytes / (2 * this.plane))));   // slices
    this.stack = view.stack;
    this.names = view.slice_names;
    this.pieces = new Map();   // number of the piece -> Int16Array, or the promise of one; what was asked for last is last
  }

  // What the report calls a slice: by the number that a viewer shows beside the image, else counted from the feet.
  nameOf(index) {
    const number = this.names.numbers[index];
    return this.names.are_shown ? `image ${number}, slice ${index + 1} of ${this.slices}` : `slice ${number} of ${this.slices}`;
  }

  // The anatomical direction in which an axis of the voxels (0: to the next column, 1: to the next row) runs, and its
  // opposite: the letters by which a reader knows the sides.
  sidesOf(axis) {
    const along = this.affine.map((line) => line[axis]);   // RAS
    const longest = along.reduce((best, value, i) => (Math.abs(value) > Math.abs(along[best]) ? i : best), 0);
    const [towards, opposite] = [["R", "L"], ["A", "P"], ["S", "I"]][longest];
    return along[longest] > 0 ? [opposite, towards] : [towards, opposite];   // of the first and of the last voxel
  }

  // A window over the numbers as one over the values, for people to read.
  describeWindow({ centre, width }) {
    const show = (value) => (this.scale === 1 ? Math.round(value) : Number(value.toPrecision(4)));
    return `${show(centre * this.scale + this.offset)} / ${show(width * this.scale)}`;
  }

  // The voxels of a slice, or null while they are on their way; then `ondone` is called once they are there, or with the
  // error for which they are not.
  slice(index, ondone) {
    const number = Math.floor(index / this.perPiece);
    const piece = this.pieces.get(number);
    if (piece) {
      this.pieces.delete(number);
      this.pieces.set(number, piece);
    }
    if (piece instanceof Int16Array) {
      const first = (index - number * this.perPiece) * this.plane;
      return piece.subarray(first, first + this.plane);
    }
    if (!piece) {
      const promise = getBytes(`cases/${this.study}/voxels?first=${number * this.perPiece}&count=${this.perPiece}&stack=${this.stack}`)
        .then((bytes) => { this.pieces.set(number, new Int16Array(bytes)); this.forget(); },
              (error) => { this.pieces.delete(number); throw error; });   // asked for again when looked at
      this.pieces.set(number, promise);
    }
    this.pieces.get(number).then(() => ondone(), ondone);
    return null;
  }

  // Pieces that nobody has looked at for longest go. One that is on its way is no array yet, and stays.
  forget() {
    const here = [...this.pieces].filter(([, piece]) => piece instanceof Int16Array);
    let bytes = here.reduce((sum, [, piece]) => sum + piece.byteLength, 0);
    for (const [number, piece] of here) {
      if (bytes <= this.keptBytes) return;
      this.pieces.delete(number);
      bytes -= piece.byteLength;
    }
  }

  // What is around a slice, so that scrolling does not wait.
  prefetch(index) {
    for (const step of [this.perPiece, -this.perPiece]) {
      const other = index + step;
      if (other >= 0 && other < this.slices) this.slice(other, () => {});
    }
  }

  async mask(kind) {
    const mask = new Mask(this);
    const bytes = new Uint8Array(await getBytes(`cases/${this.study}/mask-voxels?kind=${kind}&stack=${this.stack}`));
    const record = 4 + Math.ceil(this.plane / 8);
    const numbers = new DataView(bytes.buffer);
    for (let at = 0; at + record <= bytes.length; at += record) {
      const slice = new Uint8Array(this.plane);
      for (let i = 0; i < this.plane; i++) slice[i] = (bytes[at + 4 + (i >> 3)] >> (i & 7)) & 1;
      mask.slices.set(numbers.getUint32(at, true), slice);
    }
    return mask;
  }
}

export class Mask {
  constructor(volume) {
    this.volume = volume;
    this.slices = new Map();   // index -> Uint8Array of 0 and 1
    this.edges = new Map();    // index -> Uint32Array, see edgeOf
  }

  // To be called when voxels of a slice are others.
  changed(index) {
    this.edges.delete(index);
  }

  // The numbers of the voxels at the edge of what is marked in a slice; found once for as long as it stays the same.
  edgeOf(index) {
    if (!this.edges.has(index)) this.edges.set(index, this.findEdge(this.slices.get(index)));
    return this.edges.get(index);
  }

  findEdge(slice) {
    const { rows, columns } = this.volume;
    const edge = [];
    for (let i = 0; i < slice.length; i++) {
      if (!slice[i]) continue;
      const [row, column] = [Math.floor(i / columns), i % columns];
      const isWithin = row > 0 && row < rows - 1 && column > 0 && column < columns - 1 &&
        slice[i - 1] && slice[i + 1] && slice[i - columns] && slice[i + columns];
      if (!isWithin) edge.push(i);
    }
    return Uint32Array.from(edge);
  }

  copy() {
    const mask = new Mask(this.volume);
    for (const [index, slice] of this.slices) mask.slices.set(index, slice.slice());
    return mask;
  }

  countVoxels() {
    let count = 0;
    for (const slice of this.slices.values()) for (const voxel of slice) count += voxel;
    return count;
  }

  // Of those that both masks have.
  countCommon(other) {
    let count = 0;
    for (const [index, slice] of this.slices) {
      const others = other.slices.get(index);
      if (others) for (let i = 0; i < slice.length; i++) count += slice[i] & others[i];
    }
    return count;
  }

  // How far two masks agree: 1 where they are the same, 0 where they share nothing. Of two empty ones there is none (NaN).
  diceWith(other) {
    return 2 * this.countCommon(other) / (this.countVoxels() + other.countVoxels());
  }

  equals(other) {
    const common = this.countCommon(other);
    return common === this.countVoxels() && common === other.countVoxels();
  }

  // A NIfTI-1 file on the series' own voxels: what PUT cases/{study}/mask takes. Slices that the series lacks are in it,
  // empty.
  toNifti() {
    const { rows, columns, places, affine, plane } = this.volume;
    const HEADER = 352;
    const depth = places.at(-1) + 1;
    const file = new Uint8Array(HEADER + plane * depth);
    const header = new DataView(file.buffer);
    header.setInt32(0, 348, true);
    [3, columns, rows, depth, 1, 1, 1, 1].forEach((size, i) => header.setInt16(40 + 2 * i, size, true));
    header.setInt16(70, 2, true);    // unsigned 8 bits
    header.setInt16(72, 8, true);
    for (let axis = 0; axis < 3; axis++) {
      header.setFloat32(80 + 4 * axis, Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis]), true);
    }
    header.setFloat32(76, 1, true);
    header.setFloat32(108, HEADER, true);
    header.setFloat32(112, 1, true);
    header.setUint8(123, 2);         // mm
    header.setInt16(254, 1, true);   // sform: scanner
    affine.flat().forEach((value, i) => header.setFloat32(280 + 4 * i, value, true));
    [0x6e, 0x2b, 0x31, 0].forEach((byte, i) => header.setUint8(344 + i, byte));
    for (const [index, slice] of this.slices) file.set(slice, HEADER + places[index] * plane);
    return file;
  }
}
