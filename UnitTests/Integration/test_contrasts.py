# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks, data sets and runs of a T1 after a contrast agent, beside those of T2: what the paper's table S3 compares."""

import json
from pathlib import Path

import nibabel
import numpy
import pytest
import requests
from pydicom.uid import generate_uid

from test_end_to_end import mask_volume
from test_pacs import TestPacs
from test_runs import TINY, compare, fill, find_bids_errors, get, post, start, wait_for


COUNT = 12
# Which patients a fold holds follows from the server's own key, so every tumour must be large enough to train on alone.
SMALL = {**TINY, "network": {"input_size": 64, "width": 8}}


def make_enhanced(images):
    """The T2 images of a study as a T1 series after a contrast agent on the same grid: dark where they are bright."""
    series = generate_uid()
    for image in images:
        image.SeriesInstanceUID, image.SOPInstanceUID = series, generate_uid()
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.SeriesNumber, image.SeriesDescription = 7, "T1 SE TRA +C"
        image.EchoTime, image.RepetitionTime, image.ContrastBolusAgent = "12", "600", "Gadobutrol"
        pixels = image.pixel_array
        image.PixelData = numpy.where(pixels > 0, pixels.max() - pixels, 0).astype(pixels.dtype).tobytes()
    return images


def draw(pacs, phantom, images):
    """The phantom's planted mask as a NIfTI file: it lies on the T2, and the other series has the same grid."""
    images = sorted(images, key=lambda image: float(image.ImagePositionPatient[2]))
    mask = mask_volume(pacs.dataset(phantom["mask"]), images)
    first, last = (numpy.array(image.ImagePositionPatient, float) for image in (images[0], images[-1]))
    rows, columns = (numpy.array(part, float) for part in numpy.split(numpy.array(images[0].ImageOrientationPatient), 2))
    spacing = [float(value) for value in images[0].PixelSpacing]
    affine = numpy.eye(4)
    affine[:3, 0], affine[:3, 1] = rows * spacing[1], columns * spacing[0]
    affine[:3, 2], affine[:3, 3] = (last - first) / (len(images) - 1), first
    return nibabel.Nifti1Image(mask.transpose(2, 1, 0).astype(numpy.uint8), numpy.diag([-1, -1, 1, 1]) @ affine).to_bytes()


def put_mask(pacs, study, mask, contrast):
    return requests.put(f"{pacs.client.url}/h3k27m/cases/{study}/mask", data=mask, timeout=120,
                        headers={"Content-Type": "application/x-nifti", "H3K27M-Contrast": contrast})


@pytest.fixture(scope="module")
def pacs(build, tmp_path_factory):
    # Triage is off: nothing here is about it.
    with TestPacs(tmp_path_factory.mktemp("contrasts"), build, h3k27m={"Triage": "off"}) as server:
        phantoms = fill(server, COUNT)
        server.studies = [phantom["study"] for phantom in phantoms]
        for phantom in phantoms:
            images = server.images(phantom["study"])
            mask = draw(server, phantom, images)
            server.send_all(make_enhanced(images))
            answer = put_mask(server, phantom["study"], mask, "ceT1w")
            assert answer.ok, answer.text
        yield server


@pytest.fixture(scope="module")
def runs(pacs):
    """A cross-validation on each contrast, each with a snapshot of its own."""
    started = {contrast: start(pacs, "cross-validate", SMALL, contrast=contrast) for contrast in ("T2w", "ceT1w")}
    for run in started.values():
        state = wait_for(pacs, run)
        assert state["state"] == "done", state["reason"]
    return started


def test_a_mask_lies_on_the_series_of_its_contrast(pacs):
    study = pacs.studies[0]
    answer = requests.get(f"{pacs.client.url}/h3k27m/cases/{study}/mask", timeout=60)
    assert answer.status_code == 409 and "name one as 'series'" in answer.json()["Details"], "there are two now"
    of_t1 = {s["ID"] for s in pacs.client.get(f"/studies/{study}/series")
             if s["MainDicomTags"].get("SeriesDescription") == "T1 SE TRA +C"}
    assert len(of_t1) == 1
    found = get(pacs, f"cases/{study}/mask?series={of_t1.copy().pop()}").json()
    assert found["series"] in of_t1
    refused = put_mask(pacs, study, b"", "T1")
    assert refused.status_code == 400 and "T2w or ceT1w" in refused.json()["Details"]


def test_a_snapshot_of_it_is_a_bids_folder_that_others_read(pacs, runs):
    report = json.loads((next(pacs.folder.glob(f"**/h3k27m-runs/{runs['ceT1w']}")) / "dataset.json").read_text())
    folder = Path(report["folder"])
    assert report["contrast"] == "ceT1w" and report["left_out"] == []
    assert find_bids_errors(folder) == []
    images = sorted(folder.glob("sub-*/anat/*_ce-gadolinium_T1w.nii.gz"))
    assert len(images) == COUNT and not list(folder.glob("sub-*/anat/*_T2w.nii.gz"))
    for path in images:
        image = nibabel.load(path)
        mask = nibabel.load(folder / "derivatives/masks" / path.parent.relative_to(folder) /
                            path.name.replace("_T1w", "_dseg"))
        numpy.testing.assert_allclose(image.affine, mask.affine)
        assert set(numpy.unique(numpy.asarray(mask.dataobj))) == {0, 1}


def test_two_contrasts_are_compared_on_the_same_patients(pacs, runs):
    """The paper's table S3."""
    comparison = compare(pacs, runs["T2w"], runs["ceT1w"]).json()
    assert [d for d in comparison["config"] if d["key"] == "contrast"] == [{"key": "contrast", "a": "T2w", "b": "ceT1w"}]
    assert all(measured["comparable"] for measured in comparison["measured"])
    assert any("other images" in remark for remark in comparison["remarks"]), comparison["remarks"]
    for contrast, run in runs.items():
        page = get(pacs, f"runs/{run}/artifacts/report/index.html").text
        assert f"Contrast {contrast}" in page


def test_a_model_of_it_never_reads_for_triage(pacs, runs):
    refused = post(pacs, f"models/{runs['ceT1w']}/promote", {"override": True, "reason": "a test"})
    assert refused.status_code == 400 and "triage reads T2w" in refused.json()["Details"]
    metrics = get(pacs, f"runs/{runs['ceT1w']}/artifacts/metrics.json").json()
    assert "gate" not in metrics, "the model in force has no business with these images"


def test_a_run_takes_a_data_set_of_its_own_contrast_alone(pacs, runs):
    dataset = get(pacs, f"runs/{runs['ceT1w']}").json()["dataset"]
    refused = post(pacs, "runs", {"kind": "cross-validate", "config": SMALL, "dataset": dataset})
    assert refused.status_code == 400 and "is of ceT1w, the run is of T2w" in refused.json()["Details"]
    model = runs["ceT1w"]
    measured = wait_for(pacs, start(pacs, "evaluate", contrast="ceT1w", dataset=dataset, **{"from": model}))
    # Its own external patients: it has not seen them.
    assert measured["state"] == "done", measured["reason"]
