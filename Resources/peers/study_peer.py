#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole path of a study as a good engineer would otherwise build it: pydicom, PyTorch, highdicom, beside an Orthanc.

    study_peer.py --orthanc URL --model DIR          # a warm server: one study's Orthanc ID per line, one JSON per answer
    study_peer.py --orthanc URL --model DIR STUDY    # a process per study

Fetches the MR series over REST, finds the head, runs the network, makes a SEG and an SR and stores both. Wants to win: files
over kept connections, batch norms folded, channels last, one input channel, no compression; give it the allocator of
compare_latency.py. Research use only.
"""

import argparse
import io
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import requests
import torch
from pydicom.sr.codedict import codes
from safetensors.torch import load_file
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

sys.path.insert(0, str(Path(__file__).parent))
import genotype_net  # noqa: E402

BATCH = 4
CONNECTIONS = 4
MARGIN_MM = 5
MEAN, DEVIATION = 0.154, 0.202


def fold(module):
    """Batch norms into the convolutions before them."""
    for part in list(module.modules()):
        for convolution, norm in (("conv1", "bn1"), ("conv2", "bn2"), ("conv", "bn"), ("logistic1", "bn")):
            layer = getattr(part, convolution, None)
            if layer is not None and isinstance(getattr(part, norm, None), torch.nn.BatchNorm2d):
                setattr(part, convolution,
                        fuse_conv_bn_eval(layer, getattr(part, norm), isinstance(layer, torch.nn.ConvTranspose2d)))
                setattr(part, norm, torch.nn.Identity())
        shortcut = getattr(part, "downsample", None)
        if isinstance(shortcut, torch.nn.Sequential):
            part.downsample = fuse_conv_bn_eval(shortcut[0], shortcut[1])
    stem = module.model.encoder.init_layer
    joined = fuse_conv_bn_eval(stem[0], stem[1])
    one = torch.nn.Conv2d(1, joined.out_channels, 7, 2, 3)
    one.weight.data, one.bias.data = joined.weight.data.sum(1, keepdim=True), joined.bias.data
    module.model.encoder.init_layer = one
    return module


class Network:
    def __init__(self, folder):
        card = json.loads((Path(folder) / "card.json").read_text(encoding="utf-8"))
        self.size, self.name = card["input_size"], card.get("name", "model")
        network = genotype_net.GenotypeNet(self.size, card["width"]).eval()
        network.load_state_dict(load_file(Path(folder) / "model.safetensors"))
        with torch.inference_mode(False), torch.no_grad():
            self.network = fold(network).to(memory_format=torch.channels_last)

    def __call__(self, images):
        """[N, 1, S, S] -> probability of the altered genotype [N], logits of the segmentation [N, 3, S, S]."""
        answers = [self.network(batch.contiguous(memory_format=torch.channels_last)) for batch in images.split(BATCH)]
        return (torch.cat([torch.softmax(classes, 1)[:, 0] for classes, _ in answers]),
                torch.cat([masks for _, masks in answers]))


class Archive:
    def __init__(self, url):
        self.url = url
        self.session = requests.Session()
        self.session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=CONNECTIONS))
        self.pool = ThreadPoolExecutor(CONNECTIONS)

    def fetch(self, instance):
        return pydicom.dcmread(io.BytesIO(self.session.get(f"{self.url}/instances/{instance}/file").content))

    def images(self, study):
        series = [one for one in self.session.get(f"{self.url}/studies/{study}/series").json()
                  if one["MainDicomTags"]["Modality"] == "MR"][0]
        return list(self.pool.map(self.fetch, series["Instances"]))

    def store(self, dataset):
        buffer = io.BytesIO()
        dataset.save_as(buffer, enforce_file_format=True)
        answer = self.session.post(f"{self.url}/instances", data=buffer.getvalue())
        answer.raise_for_status()


def read_volume(images):
    """Images along the normal, float32 [slice, row, column], mm between rows, columns and slices."""
    across, down = (np.array(images[0].ImageOrientationPatient, float)[part] for part in (slice(3), slice(3, 6)))
    normal = np.cross(across, down)
    images = sorted(images, key=lambda one: normal @ np.array(one.ImagePositionPatient, float))
    voxels = np.stack([one.pixel_array for one in images])
    first, last = (normal @ np.array(one.ImagePositionPatient, float) for one in (images[0], images[-1]))
    return images, voxels, (*map(float, images[0].PixelSpacing), (last - first) / max(1, len(images) - 1))


def prepare(voxels, spacing, size):
    """[slice, 1, size, size] normalised, and the window of the head in pixels: first row, first column, side."""
    counts = np.bincount(voxels.ravel())
    ranks = np.searchsorted(np.cumsum(counts), np.array([0.005, 0.995]) * voxels.size)
    low, high = float(ranks[0]), float(max(ranks[1], ranks[0] + 1))
    values = torch.from_numpy(voxels.astype(np.float32)).sub_(low).div_(high - low).clamp_(0, 1).unsqueeze(1)
    small = F.avg_pool2d(values, 4)[:, 0]
    is_head = small > small.mean() / 2
    box = []
    for axis, step in ((1, spacing[0]), (2, spacing[1])):
        profile = torch.cumsum(is_head.sum(tuple(k for k in range(3) if k != axis)).double(), 0)
        inside = torch.nonzero((profile > 0.002 * profile[-1]) & (profile < 0.998 * profile[-1])).ravel() * 4
        box.append((int(inside[0]) - MARGIN_MM / step, int(inside[-1]) + 4 + MARGIN_MM / step))
    side = int(max(end - begin for begin, end in box))
    top, left = (int((begin + end - side) / 2) for begin, end in box)
    rows, columns = voxels.shape[1:]
    padding = (max(0, -left), max(0, left + side - columns), max(0, -top), max(0, top + side - rows))
    window = F.pad(values, padding)[:, :, max(0, top):max(0, top) + side, max(0, left):max(0, left) + side]
    return (F.interpolate(window, (size, size), mode="area") - MEAN) / DEVIATION, (top, left, side)


def restore(logits, window, shape):
    """Labels on the native grid, uint8 [slice, row, column]."""
    top, left, side = window
    labels = F.interpolate(logits, (side, side), mode="bilinear").argmax(1).to(torch.uint8).numpy()
    mask = np.zeros(shape, np.uint8)
    rows, columns = shape[1:]
    inside = (slice(max(0, top), min(rows, top + side)), slice(max(0, left), min(columns, left + side)))
    mask[:, inside[0], inside[1]] = labels[:, inside[0].start - top:inside[0].stop - top,
                                           inside[1].start - left:inside[1].stop - left]
    return mask


def make_segmentation(images, mask, name):
    algorithm = hd.AlgorithmIdentificationSequence(name=name, family=codes.DCM.ArtificialIntelligence, version="1")
    segment = hd.seg.SegmentDescription(
        segment_number=1, segment_label="Tumour", segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Neoplasm, algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=algorithm, tracking_uid=hd.UID(), tracking_id="tumour")
    return hd.seg.Segmentation(
        source_images=images, pixel_array=(mask > 0).astype(np.uint8),
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY, segment_descriptions=[segment],
        series_instance_uid=hd.UID(), series_number=900, sop_instance_uid=hd.UID(), instance_number=1, manufacturer="peer",
        manufacturer_model_name=name, software_versions="1", device_serial_number="0", omit_empty_frames=True)


def make_report(images, segmentation, probability, volume_mm3, name):
    observer = hd.sr.ObserverContext(observer_type=codes.DCM.Device,
                                     observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
                                         uid=hd.UID(), name=name))
    measurements = [hd.sr.Measurement(name=hd.sr.CodedConcept("PROBABILITY", "99PEER", "Probability of H3K27M"),
                                      value=probability, unit=codes.UCUM.NoUnits)]
    groups = []
    if segmentation is not None:
        measurements.append(hd.sr.Measurement(name=codes.SCT.Volume, value=volume_mm3, unit=codes.UCUM.CubicMillimeter))
        groups = [hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.sr.TrackingIdentifier(uid=hd.UID(), identifier="tumour"),
            referenced_segment=hd.sr.ReferencedSegment(
                segmentation.SOPClassUID, segmentation.SOPInstanceUID, 1,
                source_series=hd.sr.SourceSeriesForSegmentation(images[0].SeriesInstanceUID)),
            finding_type=codes.SCT.Neoplasm, measurements=measurements)]
    else:
        groups = [hd.sr.MeasurementsAndQualitativeEvaluations(
            tracking_identifier=hd.sr.TrackingIdentifier(uid=hd.UID(), identifier="study"), measurements=measurements)]
    report = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=observer),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion, imaging_measurements=groups)
    return hd.sr.Comprehensive3DSR(
        evidence=[*images, *([segmentation] if segmentation is not None else [])], content=report[0], series_number=901,
        series_instance_uid=hd.UID(), sop_instance_uid=hd.UID(), instance_number=1, manufacturer="peer")


def run_study(archive, network, study):
    begin = time.perf_counter()
    images, voxels, spacing = read_volume(archive.images(study))
    fetched = time.perf_counter()
    with torch.inference_mode():
        batch, window = prepare(voxels, spacing, network.size)
        prepared = time.perf_counter()
        altered, logits = network(batch)
        computed = time.perf_counter()
        mask = restore(logits, window, voxels.shape)
    has_tumour = mask.reshape(len(mask), -1).any(1)
    probability = float(altered.numpy()[has_tumour].mean()) if has_tumour.any() else float(altered.mean())
    segmentation = make_segmentation(images, mask, network.name) if has_tumour.any() else None
    if segmentation is not None:
        archive.store(segmentation)
    made = time.perf_counter()
    archive.store(make_report(images, segmentation, probability, float((mask > 0).sum() * np.prod(spacing)), network.name))
    end = time.perf_counter()
    return {"study": study, "seconds": end - begin, "fetch": fetched - begin, "prepare": prepared - fetched,
            "network": computed - prepared, "segmentation": made - computed, "report": end - made,
            "tumour_slices": int(has_tumour.sum()), "probability": probability}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--orthanc", required=True, help="URL")
    parser.add_argument("--model", required=True, help="folder with card.json and model.safetensors")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("study", nargs="?", help="its Orthanc ID; without it: IDs from standard input")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    network, archive = Network(arguments.model), Archive(arguments.orthanc)
    if arguments.study:
        print(json.dumps(run_study(archive, network, arguments.study)), flush=True)
        return
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(run_study(archive, network, line.strip())), flush=True)


if __name__ == "__main__":
    main()
