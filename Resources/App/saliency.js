// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where the network looked: the coloured pixels of the Secondary Capture that stands in the study, over the slices that
// it was made of. Its frames begin with the slice, pixel by pixel; what is grey there says nothing and is left out.

import { orthancBlob } from "./api.js";

async function fetchFrame(instance, number, volume) {
  const blob = await orthancBlob(`instances/${instance}/frames/${number}/preview`);
  const picture = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const context = new OffscreenCanvas(volume.columns, volume.rows).getContext("2d");
  context.drawImage(picture, 0, 0);   // the words below and beside the slice fall outside
  const pixels = context.getImageData(0, 0, volume.columns, volume.rows);
  const { data } = pixels;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === data[i + 1] && data[i] === data[i + 2]) data[i + 3] = 0;
  }
  return pixels;
}

// Slice -> ImageData. Throws RequestError where the object is gone.
export async function fetchSaliency(result, volume) {
  const frames = await Promise.all(result.saliency_slices.map((_, number) => fetchFrame(result.saliency, number, volume)));
  return new Map(result.saliency_slices.map((slice, number) => [slice, frames[number]]));
}
