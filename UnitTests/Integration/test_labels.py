# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Genotype labels: set, read, replaced, withdrawn, imported and exported; an SR in the study that travels with it."""

import csv
import io
import time

import pytest
import requests
from series_builder import make_series
from test_pacs import TestPacs

LABEL = {"genotype": "altered", "assay": "pyrosequencing", "gene": "H3F3A", "site": "北京", "pre_operative": True,
         "split": "development", "annotator": "Li Wei", "reviser": "Chen Jing"}
EXCLUDED = {"genotype": "wild-type", "assay": "ihc", "site": "Bonn", "pre_operative": False, "split": "excluded",
            "reason": "prior-surgery", "annotator": "Müller"}
COLUMNS = ["study", "StudyInstanceUID", "genotype", "assay", "gene", "site", "pre_operative", "split", "reason",
           "annotator", "reviser", "recorded", "synthetic"]


# Labels do not wait for the network: nothing is computed, and no test waits for the engine that needs none.
QUIET = {"Triage": "off"}


def start(pacs):
    pacs.start(wait_for_engine=False)
    pacs.wait_until(lambda: pacs.engine()["state"] != "absent", what="a plugin that answers")
    return pacs


@pytest.fixture(scope="module")
def pacs(build, tmp_path_factory):
    server = TestPacs(tmp_path_factory.mktemp("labels"), build, h3k27m=QUIET)
    try:
        yield start(server)
    finally:
        server.stop()


@pytest.fixture
def study(pacs):
    """An unlabelled study of its own for each test."""
    return pacs.send_all(make_series(slices=3))


@pytest.fixture
def labelled(pacs, study):
    put(pacs, study, LABEL)
    return study


def put(pacs, study, label):
    answer = requests.put(f"{pacs.client.url}/h3k27m/cases/{study}/label", json=label, timeout=120)
    assert answer.status_code == 200, answer.text
    return answer.json()


def get(pacs, study):
    """The label, or None."""
    answer = requests.get(f"{pacs.client.url}/h3k27m/cases/{study}/label", timeout=120)
    return None if answer.status_code == 404 else answer.json()


def fields(label):
    """What a person set of a label as REST shows it."""
    keys = [*COLUMNS[2:-2]]
    return {key: label[key] for key in keys if label[key] is not None}


def reports(pacs, study):
    """The label SRs of a study, as pydicom reads them."""
    return [dataset for dataset in map(pacs.dataset, (i for i, _ in pacs.instances(study, "SR")))
            if dataset.ConceptNameCodeSequence[0].CodeValue == "genotype-label"]


def rows(pacs):
    """The export, by study."""
    text = requests.get(f"{pacs.client.url}/h3k27m/labels", timeout=120).content.decode("utf-8")
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert not table or list(table[0]) == COLUMNS
    return {row["study"]: row for row in table}


def write_csv(table, columns):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue().encode()


def files_of(pacs, study):
    return [pacs.file(instance) for instance, _ in pacs.instances(study)]


def test_a_label_is_set_read_replaced_and_withdrawn(call, pacs, study):
    missing = call("GET", "cases/{study}/label", study=study)
    assert missing.status_code == 404 and "has no label" in missing.json()["Details"]

    first = call("PUT", "cases/{study}/label", body=LABEL, study=study).json()
    assert first["changed"] is True and fields(first) == LABEL
    shown = call("GET", "cases/{study}/label", study=study).json()
    assert fields(shown) == LABEL and shown["synthetic"] is False
    assert shown["stored"]["instance"] in [instance for instance, _ in pacs.instances(study, "SR")]

    again = call("POST", "cases/{study}/label", body=LABEL, study=study).json()
    assert again["changed"] is False and again["stored"] == first["stored"]

    second = call("PUT", "cases/{study}/label", body=EXCLUDED, study=study).json()
    assert second["changed"] is True and second["stored"] != first["stored"]
    assert fields(call("GET", "cases/{study}/label", study=study).json()) == EXCLUDED
    assert len(reports(pacs, study)) == 1

    for seen in (first["stored"]["sop_instance_uid"], "none"):
        refused = call("DELETE", "cases/{study}/label", headers={"H3K27M-Replaces": seen}, study=study)
        assert refused.status_code == 409 and refused.json()["label"]["stored"] == second["stored"]
    seen = {"H3K27M-Replaces": second["stored"]["sop_instance_uid"]}
    gone = call("DELETE", "cases/{study}/label", headers=seen, study=study).json()
    assert fields(gone["withdrawn"]) == EXCLUDED
    assert call("GET", "cases/{study}/label", study=study).status_code == 404
    assert call("DELETE", "cases/{study}/label", study=study).status_code == 404
    assert reports(pacs, study) == []


def test_the_label_is_an_sr_of_the_study(pacs, labelled):
    report, = reports(pacs, labelled)
    image = pacs.images(labelled)[0]
    assert report.StudyInstanceUID == image.StudyInstanceUID and report.PatientID == image.PatientID
    assert report.Manufacturer == "Orthanc-H3K27M" and report.SeriesNumber == 9004
    codes = [item.ConceptCodeSequence[0].CodeValue for item in report.ContentSequence if item.ValueType == "CODE"]
    assert {"altered", "measured", "pyrosequencing", "H3F3A", "development"} <= set(codes)
    texts = [item.TextValue for item in report.ContentSequence if item.ValueType == "TEXT"]
    assert {"北京", "Li Wei", "Chen Jing"} <= set(texts)
    assert report.AuthorObserverSequence[0].PersonName == "Li Wei"


def test_a_refusal_names_every_fault(call, pacs, study):
    answer = call("PUT", "cases/{study}/label", study=study,
                  body={"genotype": "mutant", "assay": "pyrosequencing", "pre_operative": "yes", "split": "excluded",
                        "annotator": "A", "colour": "red"})
    assert answer.status_code == 400
    for key in ("genotype", "gene", "site", "pre_operative", "reason", "colour"):
        assert f"'{key}'" in answer.json()["Details"], key
    assert get(pacs, study) is None and reports(pacs, study) == []

    for wrong in ({"gene": "TP53"}, {"assay": "ihc"}, {"split": "test"}, {"reason": "artefact"}, {"site": 3},
                  {"annotator": ""}, {"reviser": "two\nlines"}, {"site": "x" * 300}, {"synthetic": True}):
        answer = call("PUT", "cases/{study}/label", study=study, body={**LABEL, **wrong})
        assert answer.status_code == 400, wrong
    unknown = "11111111-11111111-11111111-11111111-11111111"
    assert call("PUT", "cases/{study}/label", study=unknown, body=LABEL).status_code == 404
    assert call("GET", "cases/{study}/label", study=unknown).status_code == 404


def test_what_changes_a_label_is_guarded(pacs, labelled):
    url = f"{pacs.client.url}/h3k27m/cases/{labelled}/label"
    foreign = {"Origin": "http://evil.example"}
    assert requests.delete(url, headers=foreign, timeout=120).status_code == 403
    assert requests.put(url, json=EXCLUDED, headers=foreign, timeout=120).status_code == 403
    assert requests.post(url, data="{}", headers={"Content-Type": "text/plain"}, timeout=120).status_code == 415
    labels = f"{pacs.client.url}/h3k27m/labels"
    assert requests.post(labels, data="study", headers={"Content-Type": "text/plain"}, timeout=120).status_code == 415
    assert fields(get(pacs, labelled)) == LABEL


def test_a_label_shows_in_the_case_and_starts_no_round(make_pacs):
    pacs = make_pacs()
    study = pacs.send_all(make_series(slices=3))
    case = pacs.wait_for_case(study, "done")
    assert case["label"] is None
    put(pacs, study, LABEL)
    pacs.settle()
    again = pacs.client.get_case(study)
    assert fields(again["label"]) == LABEL
    assert again["finished"] == case["finished"] and again["attempts"] == case["attempts"]
    listed = {row["study"]: row["label"] for row in pacs.client.get("/h3k27m/cases")["cases"]}
    assert listed[study] == again["label"]
    put(pacs, study, EXCLUDED)
    pacs.settle()
    assert pacs.client.get_case(study)["finished"] == case["finished"]
    assert len(pacs.instances(study, "SR")) == 2   # the result's and the label's


def test_a_label_in_an_old_study_starts_no_round(make_pacs):
    """Studies from before the plugin was there stay the backfill's business."""
    pacs = make_pacs(start=False)
    plugins, pacs.configuration["Plugins"] = pacs.configuration["Plugins"], []
    pacs.start(wait_for_engine=False)
    old = pacs.send_all(make_series(slices=3))
    time.sleep(4)   # old: it was stable before the plugin came
    pacs.stop()
    pacs.configuration["Plugins"] = plugins
    start(pacs)
    put(pacs, old, LABEL)
    pacs.wait_until(lambda: pacs.client.get(f"/studies/{old}")["IsStable"], what="a stable study")
    pacs.settle()
    assert pacs.client.get_case(old) is None
    assert fields(get(pacs, old)) == LABEL


def test_a_phantom_comes_with_its_label(pacs):
    pacs.client.wait_for_engine(240)
    phantom = pacs.make_phantom(seed=71, status="wild-type")
    label = get(pacs, phantom["study"])
    assert label["genotype"] == "wild-type" and label["synthetic"] is True
    assert label["stored"]["instance"] == phantom["label"]
    pacs.wait_until(lambda: rows(pacs).get(phantom["study"], {}).get("synthetic") == "true", what="the planted label")
    assert put(pacs, phantom["study"], EXCLUDED)["synthetic"] is True


def test_a_label_travels_with_the_study(pacs, labelled, make_pacs):
    files = files_of(pacs, labelled)
    other = start(make_pacs(start=False, h3k27m=QUIET))
    assert other.send_all(files) == labelled
    there, here = get(other, labelled), get(pacs, labelled)
    assert there == here
    other.wait_until(lambda: labelled in rows(other), what="the label in the export")

    # What is set there counts here, once it came back; nothing is doubled.
    put(other, labelled, EXCLUDED)
    pacs.send_all(files_of(other, labelled))
    assert fields(get(pacs, labelled)) == EXCLUDED
    pacs.wait_until(lambda: len(pacs.instances(labelled, "SR")) == 1, what="the older report gone")
    assert rows(pacs)[labelled]["annotator"] == "Müller"


def test_a_label_comes_and_goes_with_the_study(pacs, labelled):
    files = files_of(pacs, labelled)
    assert labelled in rows(pacs)
    pacs.delete_study(labelled)
    pacs.wait_until(lambda: labelled not in rows(pacs), what="an export without the deleted study")
    assert get(pacs, labelled) is None
    assert pacs.send_all(files) == labelled
    assert fields(get(pacs, labelled)) == LABEL
    pacs.wait_until(lambda: labelled in rows(pacs), what="an export with the study that came again")


def test_a_label_that_is_deleted_in_the_pacs_is_gone(pacs, labelled):
    pacs.client.request("DELETE", f"/series/{get(pacs, labelled)['stored']['series']}")
    assert get(pacs, labelled) is None
    pacs.wait_until(lambda: labelled not in rows(pacs), what="an export without the label")


def test_a_lost_work_store_finds_the_labels_again(make_pacs):
    pacs = start(make_pacs(start=False, h3k27m=QUIET))
    study = pacs.send_all(make_series(slices=3))
    put(pacs, study, LABEL)
    before = rows(pacs)
    pacs.stop()
    for path in pacs.folder.joinpath("db").glob("*h3k27m*"):
        path.unlink()
    start(pacs)
    pacs.wait_until(lambda: rows(pacs) == before, what="the export as it was")


def test_labels_are_imported_and_exported(call, pacs):
    first, second = (pacs.send_all(make_series(slices=2)) for _ in range(2))
    uid = pacs.client.get(f"/studies/{second}")["MainDicomTags"]["StudyInstanceUID"]
    columns = COLUMNS[:-2]
    table = [{"study": first, **{**LABEL, "pre_operative": "true", "site": "=1+1"}},
             {"StudyInstanceUID": uid, **{**EXCLUDED, "pre_operative": "false"}},
             {"study": first, **{**EXCLUDED, "pre_operative": "true"}},
             {"StudyInstanceUID": "1.2.3.4", **{**LABEL, "pre_operative": "true"}},
             {"study": first, "genotype": "mutant"}]
    body = b"\xef\xbb\xbf" + write_csv(table, columns)

    plan = call("POST", "labels/dry-run", csv=body).json()
    assert plan["dry_run"] is True and (plan["ok"], plan["changed"], plan["refused"]) == (2, 2, 3)
    assert get(pacs, first) is None and get(pacs, second) is None

    done = call("POST", "labels", csv=body).json()
    assert done["dry_run"] is False and done["lines"] == plan["lines"]
    assert [(line["line"], line["study"], line["result"], line["change"]) for line in done["lines"]] == [
        (2, first, "ok", "changed"), (3, second, "ok", "changed"), (4, first, "refused", None),
        (5, "1.2.3.4", "refused", None), (6, first, "refused", None)]
    assert "Line 2" in done["lines"][2]["reason"] and "StudyInstanceUID" in done["lines"][3]["reason"]
    assert fields(get(pacs, first)) == {**LABEL, "site": "=1+1"} and fields(get(pacs, second)) == EXCLUDED

    again = call("POST", "labels", csv=body).json()
    assert [line["change"] for line in again["lines"]] == ["unchanged", "unchanged", None, None, None]

    exported = call("GET", "labels")
    assert exported.headers["Content-Type"].startswith("text/csv")
    assert "BUILDER" not in exported.text   # neither the patient's name nor the identifier
    assert rows(pacs)[first]["site"] == "'=1+1" and rows(pacs)[second]["reason"] == "prior-surgery"
    back = call("POST", "labels", csv=exported.content).json()
    assert back["changed"] == 0 and back["refused"] == 0 and back["ok"] >= 2


def test_an_export_is_paged(call, pacs, labelled):
    put(pacs, pacs.send_all(make_series(slices=2)), EXCLUDED)
    everything = rows(pacs)
    seen, after = [], None
    while True:
        answer = call("GET", "labels", query={"limit": 1, **({"after": after} if after else {})})
        page = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
        seen += [row["study"] for row in page]
        if "Link" not in answer.headers:
            break
        after = page[-1]["study"]
        assert f"after={after}" in answer.headers["Link"]
    assert sorted(seen) == sorted(everything) and len(seen) >= 2
    for wrong in ({"limit": 0}, {"limit": 10001}, {"limit": "x"}, {"split": "external"}):
        assert call("GET", "labels", query=wrong).status_code == 400


@pytest.mark.parametrize("body, words", [
    (b"", "empty"),
    (b"study;genotype\n", "commas"),
    (b"study,genotype,patient_name\n", "'patient_name'"),
    (b"study,genotype,assay,site,pre_operative,split,annotator\nx,\"open", "line 2"),
    ("study,genotype\nM\u00fcnster".encode("latin-1"), "UTF-8"),
    (b"study\n" + b"x\n" * 20000, "lines"),
    (b"study\n" + b"x" * (9 << 20), "bytes"),
])
def test_a_file_that_is_no_list_of_labels_changes_nothing(call, pacs, body, words):
    before = rows(pacs)
    answer = call("POST", "labels", csv=body)
    assert answer.status_code == 400 and words in answer.json()["Details"]
    assert rows(pacs) == before


def test_audit_and_logs_hold_no_patient(make_pacs):
    pacs = start(make_pacs(start=False, h3k27m=QUIET))
    study = pacs.send_all(make_series(slices=2, PatientName="SECRET^NAME", PatientID="SECRET-ID"))
    put(pacs, study, LABEL)
    put(pacs, study, EXCLUDED)
    requests.delete(f"{pacs.client.url}/h3k27m/cases/{study}/label", timeout=120)
    pacs.stop()
    store = b"".join(path.read_bytes() for path in pacs.folder.joinpath("db").glob("*h3k27m*"))
    assert b"label-withdrawn" in store and b"prior-surgery" in store   # the history stays
    assert b"SECRET" not in store and "SECRET" not in pacs.log()
