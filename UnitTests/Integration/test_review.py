# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reviews: a reader accepts, rejects or corrects the model's result; a verified SR in the study that travels with it."""

import re
import subprocess
import threading

import pytest
import requests
from conftest import require_tool
from series_builder import make_series

PERSON = {"reviewer": "李^伟", "organisation": "北京天坛医院"}
# What dciodvfy of 2022 does not know: our private scheme, and that an object may hold more than its module says.
TOLERATED = re.compile(r"<99H3K27M>|Coding Scheme UID|Standard Extended SOP Class|\(0x0008,0x001c\)")


@pytest.fixture
def case(pacs):
    """A case of its own for each test, with a result and no review."""
    study = pacs.send_all(make_series(slices=3))
    return pacs.wait_for_case(study, "done")


@pytest.fixture
def bare(make_pacs):
    """A server that computes nothing."""
    pacs = make_pacs(start=False, h3k27m={"Triage": "off"})
    pacs.start(wait_for_engine=False)
    pacs.wait_until(lambda: pacs.engine()["state"] != "absent", what="a plugin that answers")
    return pacs


def url(pacs, study):
    return f"{pacs.client.url}/h3k27m/cases/{study}/review"


def result_of(case):
    return case["result"]["report_instance_uid"]


def body(case, decision="accepted", **more):
    return {"decision": decision, **PERSON, "result": result_of(case), "replaces": "", **more}


def reviews(pacs, study):
    """The review SRs of a study, as pydicom reads them."""
    return [dataset for dataset in map(pacs.dataset, (i for i, _ in pacs.instances(study, "SR")))
            if dataset.ConceptNameCodeSequence[0].CodeValue == "review"]


def listed(pacs, **query):
    cases = requests.get(f"{pacs.client.url}/h3k27m/cases", params={"limit": 1000, **query}, timeout=120).json()["cases"]
    return {row["study"]: row["review"] for row in cases}


def references(sequence):
    return {item.ReferencedSOPInstanceUID for study in sequence for series in study.ReferencedSeriesSequence
            for item in series.ReferencedSOPSequence}


def test_a_result_is_accepted_and_shown_as_reviewed(call, pacs, case):
    study = case["study"]
    missing = call("GET", "cases/{study}/review", study=study)
    assert missing.status_code == 404 and "has no review" in missing.json()["Details"]
    assert case["review"] is None and listed(pacs)[study] is None

    review = call("POST", "cases/{study}/review", body=body(case), study=study).json()
    assert (review["decision"], review["status"], review["reason"]) == ("accepted", None, None)
    assert (review["reviewer"], review["organisation"]) == (PERSON["reviewer"], PERSON["organisation"])
    assert review["of"] == result_of(case) and review["synthetic"] is False
    assert call("GET", "cases/{study}/review", study=study).json() == review
    assert call("GET", "cases/{study}", study=study).json()["review"] == review
    assert call("GET", "cases", query={"reviewed": "true"}).json()["cases"]
    assert listed(pacs, reviewed="true")[study] == review
    assert study not in listed(pacs, reviewed="false")
    assert call("GET", "cases", query={"reviewed": "perhaps"}).status_code == 400


def test_the_review_is_a_verified_sr_that_names_what_was_looked_at(pacs, case, tmp_path):
    study = case["study"]
    review = requests.post(url(pacs, study), json=body(case, "corrected", status="wild-type", reason="低信号"), timeout=120).json()
    report, = reviews(pacs, study)
    assert (report.CompletionFlag, report.VerificationFlag) == ("COMPLETE", "VERIFIED")
    observer, = report.VerifyingObserverSequence
    assert str(observer.VerifyingObserverName) == PERSON["reviewer"]
    assert observer.VerifyingOrganization == PERSON["organisation"] and observer.VerificationDateTime
    assert report.AuthorObserverSequence[0].PersonName == PERSON["reviewer"]
    assert report.SOPInstanceUID == review["sop_instance_uid"] and report.SeriesNumber == 9006
    assert report.Manufacturer == "Orthanc-H3K27M"
    image = pacs.images(study)[0]
    assert (report.StudyInstanceUID, report.PatientID) == (image.StudyInstanceUID, image.PatientID)

    looked_at = {result_of(case)}
    if case["result"]["segmentation"]:
        looked_at.add(case["result"]["segmentation_instance_uid"])
    assert references(report.CurrentRequestedProcedureEvidenceSequence) == looked_at
    assert references(report.PredecessorDocumentsSequence) == {result_of(case)}
    codes = [item.ConceptCodeSequence[0].CodeValue for item in report.ContentSequence if item.ValueType == "CODE"]
    assert {"corrected", "wild-type", "patient"} <= set(codes)
    texts = [item.TextValue for item in report.ContentSequence if item.ValueType == "TEXT"]
    assert "低信号" in texts and any("no genotype label" in text for text in texts)
    label = requests.get(f"{pacs.client.url}/h3k27m/cases/{study}/label", timeout=120)
    assert label.status_code == 404   # a reading is no ground truth

    file = tmp_path / "review.dcm"
    file.write_bytes(pacs.file(review["instance"]))
    words = subprocess.run([require_tool("dciodvfy"), file], capture_output=True, text=True, check=False)
    lines = (words.stdout + words.stderr).splitlines()
    assert "EnhancedSR" in lines
    assert [line for line in lines if ("Error" in line or "Warning" in line) and not TOLERATED.search(line)] == []


def test_the_second_of_two_reviewers_gets_a_conflict_and_nothing_is_lost(call, pacs, case):
    study = case["study"]
    first = call("POST", "cases/{study}/review", body=body(case), study=study).json()
    other = body(case, "rejected", reason="artefact", reviewer="Expert^Two")
    refused = call("POST", "cases/{study}/review", body=other, study=study)
    assert refused.status_code == 409 and PERSON["reviewer"] in refused.json()["Details"]
    assert refused.json()["review"] == first and refused.json()["result"] == result_of(case)
    assert len(reviews(pacs, study)) == 1

    second = call("POST", "cases/{study}/review", body={**other, "replaces": first["sop_instance_uid"]}, study=study).json()
    assert call("GET", "cases/{study}/review", study=study).json() == second
    assert listed(pacs)[study] == second
    both = {report.SOPInstanceUID: report for report in reviews(pacs, study)}
    assert set(both) == {first["sop_instance_uid"], second["sop_instance_uid"]}   # the first stays as history
    later = both[second["sop_instance_uid"]]
    assert references(later.PredecessorDocumentsSequence) == {result_of(case), first["sop_instance_uid"]}

    stale = call("POST", "cases/{study}/review", body={**other, "result": "2.25.1"}, study=study)
    assert stale.status_code == 409 and result_of(case) in stale.json()["Details"]
    assert len(reviews(pacs, study)) == 2


def test_of_many_reviewers_at_once_one_is_heard_and_the_others_are_told(pacs, case):
    answers = []

    def post(number):
        answer = requests.post(url(pacs, case["study"]), json=body(case, reviewer=f"Expert^{number}"), timeout=120)
        answers.append(answer.status_code)

    threads = [threading.Thread(target=post, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 5
    assert len(reviews(pacs, case["study"])) == 1


def test_a_refusal_names_every_fault(call, pacs, case):
    study = case["study"]
    answer = call("POST", "cases/{study}/review", study=study,
                  body={"decision": "rejected", "status": "altered", "reviewer": "", "colour": "red"})
    assert answer.status_code == 400
    for key in ("decision", "status", "reason", "reviewer", "organisation", "colour"):
        assert f"'{key}'" in answer.json()["Details"], key
    for wrong in ({"decision": "perhaps"}, {"decision": "rejected"}, {"decision": "uncertain", "reason": " "},
                  {"status": "altered"}, {"reviewer": "A\\B"}, {"organisation": 3}, {"reason": "two\nlines"}):
        assert call("POST", "cases/{study}/review", study=study, body={**body(case), **wrong}).status_code == 400, wrong
    without = call("POST", "cases/{study}/review", study=study, body=body(case, "corrected"))
    assert without.status_code == 400 and "mask" in without.json()["Details"]
    assert reviews(pacs, study) == []

    unknown = "11111111-11111111-11111111-11111111-11111111"
    assert call("POST", "cases/{study}/review", study=unknown, body=body(case)).status_code == 404
    assert call("GET", "cases/{study}/review", study=unknown).status_code == 404
    foreign = {"Origin": "http://evil.example"}
    assert requests.post(url(pacs, study), json=body(case), headers=foreign, timeout=120).status_code == 403
    assert requests.post(url(pacs, study), data="{}", headers={"Content-Type": "text/plain"}, timeout=120).status_code == 415


def test_a_corrected_mask_is_the_evidence(call, pacs):
    phantom = pacs.make_phantom(seed=91)   # comes with a mask that nobody drew
    case = pacs.wait_for_case(phantom["study"], "done")
    planted = pacs.dataset(phantom["mask"]).SOPInstanceUID
    without = call("POST", "cases/{study}/review", study=case["study"], body=body(case, "corrected"))
    assert without.status_code == 400 and "mask" in without.json()["Details"]

    drawn = call("PUT", "cases/{study}/mask", study=case["study"], body={"segmentation": planted}).json()
    review = call("POST", "cases/{study}/review", body=body(case, "corrected"), study=case["study"]).json()
    assert review["status"] is None and review["synthetic"] is True
    report, = reviews(pacs, case["study"])
    assert drawn["segmentation_instance_uid"] in references(report.CurrentRequestedProcedureEvidenceSequence)
    assert "SYNTHETIC" in report.SeriesDescription


def test_a_planted_mask_is_no_outline_by_a_person(call, pacs):
    phantom = pacs.make_phantom(seed=92)
    case = pacs.wait_for_case(phantom["study"], "done")
    assert call("POST", "cases/{study}/review", body=body(case), study=case["study"]).status_code == 200
    report, = reviews(pacs, case["study"])
    planted = pacs.dataset(phantom["mask"]).SOPInstanceUID
    assert planted not in references(report.CurrentRequestedProcedureEvidenceSequence)
    assert "human-mask" not in {item.ConceptNameCodeSequence[0].CodeValue for item in report.ContentSequence}


def test_a_review_attests_no_mask_that_its_reader_did_not_see(call, pacs):
    """Another reader puts a mask in place, replaces it or takes it away between the look and the review."""
    case = pacs.wait_for_case(pacs.make_phantom(seed=93)["study"], "done")
    study = case["study"]
    planted = call("GET", "cases/{study}/mask", study=study).json()["segmentation_instance_uid"]

    def draw(creator, source):
        stored = call("PUT", "cases/{study}/mask", study=study, body={"segmentation": source, "creator": creator})
        return stored.json()["segmentation_instance_uid"]

    def review(mask):
        return call("POST", "cases/{study}/review", study=study, body=body(case, "corrected", status="altered", mask=mask))

    assert review(planted).json()["mask"] == ""   # nobody drew it
    first = draw("Expert^One", planted)
    unseen = review("")
    assert unseen.status_code == 409 and first in unseen.json()["Details"]
    assert (unseen.json()["mask"], unseen.json()["result"], unseen.json()["review"]) == (first, result_of(case), None)
    second = draw("Expert^Two", first)
    assert review(first).json()["mask"] == second
    assert reviews(pacs, study) == []

    assert review(second).status_code == 200
    report, = reviews(pacs, study)
    evidence = references(report.CurrentRequestedProcedureEvidenceSequence)
    assert second in evidence and first not in evidence

    third = draw("Expert^Three", second)
    assert call("GET", "cases/{study}/mask", study=study).json()["segmentation_instance_uid"] == third
    kept = {pacs.dataset(instance).SOPInstanceUID for instance, _ in pacs.instances(study, "SEG")}
    assert {second, third} <= kept and first not in kept, "what was attested can be looked at, what nobody attested is gone"
    assert call("POST", "cases/{study}/review", study=study, body=body(case, mask=3)).status_code == 400


def test_a_review_starts_no_round_and_outlives_a_new_result(call, pacs, case):
    study = case["study"]
    review = call("POST", "cases/{study}/review", body=body(case), study=study).json()
    pacs.settle()
    again = pacs.client.get_case(study)
    assert again["finished"] == case["finished"] and again["attempts"] == case["attempts"]
    call("POST", "cases/{study}/triage", body={"force": True}, study=study)
    pacs.wait_until(lambda: pacs.client.get_case(study)["finished"] != case["finished"], what="the second result")
    pacs.wait_for_case(study, "done")
    assert call("GET", "cases/{study}/review", study=study).json() == review


def test_what_a_review_attests_stays_when_another_result_takes_its_place(make_pacs):
    """A verified document must not point at nothing; the case is of the new result, which nobody has reviewed."""
    pacs = make_pacs()
    study = pacs.make_phantom(seed=4)["study"]
    case = pacs.wait_for_case(study, "done")
    assert requests.post(url(pacs, study), json=body(case), timeout=120).status_code == 200
    pacs.stop()
    pacs.configuration["H3K27M"]["Threshold"] = 0.75
    pacs.start()
    pacs.client.post(f"/h3k27m/cases/{study}/triage", {"force": True})
    pacs.wait_until(lambda: pacs.client.get_case(study)["finished"] != case["finished"], what="the second result")
    now = pacs.wait_for_case(study, "done")
    assert result_of(now) != result_of(case)

    def uids(one):
        return {one["result"][f"{kind}_instance_uid"] for kind in ("report", "segmentation", "saliency")}

    stored = {pacs.dataset(instance).SOPInstanceUID for instance, _ in pacs.instances(study)}
    review, = reviews(pacs, study)
    named = references(review.CurrentRequestedProcedureEvidenceSequence) | references(review.PredecessorDocumentsSequence)
    assert result_of(case) in named and named <= stored
    assert uids(case) | uids(now) <= stored   # with the saliency that the attested report refers to

    assert now["review"]["of"] == result_of(case) and listed(pacs)[study]["of"] == result_of(case)
    shown = pacs.client.get(f"/h3k27m/cases/{study}/view")["masks"]["model"]["sop_instance_uid"]
    assert shown == now["result"]["segmentation_instance_uid"]
    late = requests.post(url(pacs, study), json={**body(case), "replaces": now["review"]["sop_instance_uid"]}, timeout=120)
    assert late.status_code == 409 and result_of(now) in late.json()["Details"]


def test_a_review_travels_with_the_study_and_goes_with_its_sr(pacs, case, bare):
    study = case["study"]
    first = requests.post(url(pacs, study), json=body(case), timeout=120).json()
    second = requests.post(url(pacs, study), json=body(case, "uncertain", reason="small",
                                                       replaces=first["sop_instance_uid"]), timeout=120).json()
    assert bare.send_all(pacs.file(instance) for instance, _ in pacs.instances(study)) == study
    assert requests.get(url(bare, study), timeout=120).json() == second
    assert len(reviews(bare, study)) == 2

    # Without the last the one before it counts again, without any there is none.
    bare.client.request("DELETE", f"/series/{second['series']}")
    assert requests.get(url(bare, study), timeout=120).json() == first
    bare.client.request("DELETE", f"/series/{first['series']}")
    assert requests.get(url(bare, study), timeout=120).status_code == 404

    pacs.client.request("DELETE", f"/series/{second['series']}")
    pacs.wait_until(lambda: listed(pacs)[study] == first, what="the worklist with the review before")
    pacs.client.request("DELETE", f"/series/{first['series']}")
    pacs.wait_until(lambda: listed(pacs)[study] is None, what="a worklist without the review")


def test_without_a_result_a_reader_may_correct_or_be_uncertain(bare):
    study = bare.send_all(make_series(slices=2))
    post = {**PERSON, "result": "", "replaces": ""}
    refused = requests.post(url(bare, study), json={**post, "decision": "accepted"}, timeout=120)
    assert refused.status_code == 400 and "'corrected' or 'uncertain'" in refused.json()["Details"]
    stored = requests.post(url(bare, study), json={**post, "decision": "corrected", "status": "altered"}, timeout=120).json()
    assert (stored["of"], stored["status"]) == (None, "altered")
    report, = reviews(bare, study)
    assert "CurrentRequestedProcedureEvidenceSequence" not in report


def test_audit_and_logs_hold_no_patient(bare):
    study = bare.send_all(make_series(slices=2, PatientName="SECRET^NAME", PatientID="SECRET-ID"))
    stored = requests.post(url(bare, study), json={**PERSON, "decision": "uncertain", "reason": "motion"}, timeout=120)
    assert stored.status_code == 200, stored.text
    bare.stop()
    store = b"".join(path.read_bytes() for path in bare.folder.joinpath("db").glob("*h3k27m*"))
    assert b"motion" in store   # copy and audit
    assert b"SECRET" not in store and "SECRET" not in bare.log()
