# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stable study is handled exactly once, whatever comes late, twice or again."""

import pytest
from series_builder import make_series, with_new_identity

TIMES = ("InstanceCreationDate", "InstanceCreationTime", "ContentDate", "ContentTime", "SeriesDate", "SeriesTime",
         "ObservationDateTime", "DateOfSecondaryCapture", "TimeOfSecondaryCapture")


@pytest.fixture
def study(pacs):
    """A study of its own for each test, made in code: its slices are at hand."""
    datasets = make_series(slices=6)
    identifier = pacs.send_all(datasets)
    return identifier, datasets, pacs.wait_for_case(identifier, "done")


def without_times(ds):
    for element in ds:
        if element.VR == "SQ":
            for item in element.value:
                without_times(item)
    for name in [e.keyword for e in ds if e.VR in ("DA", "TM", "DT") or e.keyword in TIMES]:
        del ds[name]
    return ds


def test_own_results_start_no_round(pacs, study):
    identifier, _, case = study
    pacs.settle()
    again = pacs.client.get_case(identifier)
    assert again["finished"] == case["finished"] and again["attempts"] == case["attempts"]
    assert len(pacs.results(identifier)["SR"]) == 1


def test_the_same_study_sent_again_changes_nothing(pacs, study):
    identifier, datasets, case = study
    before = pacs.results(identifier)
    assert pacs.send_all(datasets) == identifier
    pacs.settle()
    assert pacs.results(identifier) == before
    assert pacs.client.get_case(identifier)["finished"] == case["finished"]


def test_deleted_and_sent_again_gets_the_same_result_again(pacs, study):
    identifier, datasets, case = study
    report = without_times(pacs.dataset(case["result"]["report"]))
    pacs.delete_study(identifier)
    pacs.settle()
    assert pacs.send_all(datasets) == identifier
    pacs.wait_until(lambda: pacs.results(identifier)["SR"], what="a report of the study that came again")
    again = pacs.wait_for_case(identifier, "done")
    assert again["result"]["report_instance_uid"] == case["result"]["report_instance_uid"]
    assert without_times(pacs.dataset(again["result"]["report"])) == report
    assert len(pacs.results(identifier)["SR"]) == 1


def test_late_slices_replace_the_result(pacs):
    datasets = make_series(slices=8)
    identifier = pacs.send_all(datasets[:5])
    first = pacs.wait_for_case(identifier, "done")
    assert first["result"]["slices"] == 5
    pacs.send_all(datasets[5:])

    def complete():
        case = pacs.client.get_case(identifier)
        return case["state"] == "done" and case["result"]["slices"] == 8 and case
    second = pacs.wait_until(complete, 120, "a result with all slices")
    pacs.settle()
    results = pacs.results(identifier)
    assert results["SR"] == [second["result"]["report"]]
    assert second["result"]["report_instance_uid"] != first["result"]["report_instance_uid"]
    assert results["SEG"] == [x for x in [second["result"]["segmentation"]] if x]


def test_a_second_series_of_the_study_keeps_one_result(pacs, study):
    """A series that is no candidate comes later: the study is looked at again, the result stays."""
    identifier, datasets, case = study
    other = make_series(slices=3, study=datasets[0].StudyInstanceUID, EchoTime="12", RepetitionTime="500",
                        SeriesDescription="T1 SE AX", SeriesNumber=4)
    assert pacs.send_all(other) == identifier
    pacs.wait_until(lambda: len(pacs.client.get_case(identifier)["routing"]) == 2, what="a verdict on the second series")
    pacs.wait_until_idle()
    again = pacs.wait_for_case(identifier, "done")
    assert again["result"]["report_instance_uid"] == case["result"]["report_instance_uid"]
    assert len(pacs.results(identifier)["SR"]) == 1


def test_forced_triage_replaces_and_does_not_duplicate(pacs, study):
    identifier, _, case = study
    pacs.client.post(f"/h3k27m/cases/{identifier}/triage", {"force": True, "priority": "urgent"})
    pacs.wait_until(lambda: pacs.client.get_case(identifier)["finished"] != case["finished"], what="a second round")
    again = pacs.wait_for_case(identifier, "done")
    assert again["result"]["report_instance_uid"] == case["result"]["report_instance_uid"]
    assert len(pacs.results(identifier)["SR"]) == 1


def test_same_pixels_under_new_uids_are_another_study(pacs, study):
    _, datasets, case = study
    other = pacs.send_all(with_new_identity(datasets))
    again = pacs.wait_for_case(other, "done")
    assert again["result"]["report_instance_uid"] != case["result"]["report_instance_uid"]
    assert again["result"]["volume_mm3"] == pytest.approx(case["result"]["volume_mm3"])


def test_shadow_stores_nothing_and_off_computes_nothing(make_pacs):
    shadow = make_pacs(h3k27m={"Triage": "shadow"})
    study = shadow.send_all(make_series())
    case = shadow.wait_for_case(study, "done")
    assert case["result"]["shadow"] is True and case["result"]["report"] is None
    assert shadow.results(study) == {"SEG": [], "SR": []}
    shadow.stop()

    off = make_pacs(h3k27m={"Triage": "off"})
    study = off.send_all(make_series())
    off.settle()
    assert off.client.get_case(study) is None
    off.client.post(f"/h3k27m/cases/{study}/triage", {})
    assert off.wait_for_case(study, "done")["result"]["report"]
