// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Windows that are made of the voxels of a slice: the numbers of MR have no fixed units.

const EVERY = 7;   // so many voxels, one is looked at

const sampleOf = (voxels) => voxels.filter((_, i) => i % EVERY === 0);

function percentiles(voxels, ...shares) {
  const sorted = Int16Array.from(voxels).sort();
  return shares.map((share) => sorted[Math.floor((sorted.length - 1) * share)]);
}

// Air is below the mean of a slice through a head, and what is above it are the tissues.
function findTissue(voxels) {
  const mean = voxels.reduce((sum, value) => sum + value, 0) / voxels.length;
  const tissue = voxels.filter((value) => value > mean);
  return tissue.length ? tissue : voxels;
}

const RANGES = {
  automatic: (voxels) => percentiles(sampleOf(voxels), 0.01, 0.99),
  brain: (voxels) => percentiles(findTissue(sampleOf(voxels)), 0.05, 0.98),
  full: (voxels) => percentiles(voxels, 0, 1),
};

export const PRESETS = [["automatic", "Window: automatic"], ["brain", "Window: brain"], ["full", "Window: full range"]];

// {centre, width}
export function makeWindow(preset, voxels) {
  const [low, high] = RANGES[preset](voxels);
  return { centre: (low + high) / 2, width: Math.max(1, high - low) };
}
