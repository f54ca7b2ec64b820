# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names: never in a log, a case, the work store, a figure or a run's folder; kept as they are in the results."""

import gzip

import pytest
import requests
from series_builder import make_series

# PS3.5 annexes H and K: the standard's own examples, and a Chinese one.
NAMES = {
    "chinese-utf8": (["ISO_IR 192"], "Wang^XiaoDong=王^小东"),
    "chinese-gb18030": (["GB18030"], "Wang^XiaoDong=王^小东"),
    "japanese": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    "korean": (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    "latin1": (["ISO_IR 100"], "Äneas^Rüdiger"),
}


@pytest.mark.parametrize("script", NAMES)
def test_the_patients_name_survives(pacs, script):
    character_set, name = NAMES[script]
    study = pacs.send_all(make_series(slices=4, SpecificCharacterSet=character_set, PatientName=name,
                                      PatientID=script))
    case = pacs.wait_for_case(study, "done")
    report = pacs.dataset(case["result"]["report"])
    assert str(report.PatientName) == name
    if case["result"]["segmentation"]:
        assert str(pacs.dataset(case["result"]["segmentation"]).PatientName) == name


def test_no_identity_in_logs_cases_or_work_store(make_pacs):
    secrets = {"PatientName": "Zweibruecken^Adalgisa", "PatientID": "ID-7391-SECRET", "PatientBirthDate": "19310719",
               "StudyDescription": "SecretStudyWords", "SeriesDescription": "SecretT2SeriesWords",
               "AccessionNumber": "ACC5521SECRET", "ReferringPhysicianName": "Quacksalver^Otto"}
    pacs = make_pacs()
    good = pacs.send_all(make_series(**secrets))
    bad = pacs.send_all(make_series(**{**secrets, "EchoTime": "10"}))
    text = str(pacs.wait_for_case(good, "done")) + str(pacs.wait_for_case(bad, "refused"))
    pacs.stop()
    ours = [line for line in pacs.log().splitlines() if "h3k27m" in line.lower()]
    assert ours, "the plugin logs nothing at all"
    store = b"".join(path.read_bytes() for path in pacs.folder.joinpath("db").glob("*h3k27m*") if path.is_file())
    assert store, "no work store found beside the index"
    for word in ("Zweibruecken", "ID-7391", "19310719", "SecretStudy", "ACC5521", "Quacksalver"):
        assert word not in text, "in the case"
        assert word not in pacs.log(), "in the log"
        assert word.encode() not in store, "in the work store"


def test_no_identity_in_figures_or_in_the_folders_of_runs(make_pacs):
    """A data set has the images and a pseudonym (README, Resources/Notes/Operations.md)."""
    secrets = {"PatientName": "Zweibruecken^Adalgisa", "PatientID": "ID-7391-SECRET", "PatientBirthDate": "19310719",
               "PatientSex": "F", "StudyDate": "20190213", "StudyDescription": "SecretStudyWords",
               "SeriesDescription": "T2 SecretSeriesWords", "AccessionNumber": "ACC5521SECRET", "InstitutionName": "SecretHouse",
               "ReferringPhysicianName": "Quacksalver^Otto", "ProtocolName": "SecretProtocol"}
    pacs = make_pacs()
    series = make_series(**secrets)
    study = pacs.send_all(series)
    pacs.wait_for_case(study, "done")
    run = pacs.client.post("/h3k27m/runs", {"kind": "snapshot", "contents": "unlabelled"})["id"]
    pacs.wait_until(lambda: pacs.client.get(f"/h3k27m/runs/{run}")["state"] in ("done", "failed"), 120, "a data set")
    state = pacs.client.get(f"/h3k27m/runs/{run}")
    assert state["state"] == "done", state["reason"]

    def figures():
        return requests.get(pacs.client.url + "/tools/metrics-prometheus", timeout=30).text

    pacs.wait_until(lambda: "h3k27m_tasks_done_count 1" in figures(), 60, "the figures of the study")
    kept = {"figures": figures().encode(), "run": str(state).encode()}
    folder = next(pacs.folder.glob("**/h3k27m-runs"))
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        name = str(path.relative_to(folder))
        kept[name] = name.encode() + b"\n" + (gzip.decompress(content) if name.endswith(".gz") else content)
    assert any(name.endswith("participants.tsv") for name in kept) and any(name.endswith("_T2w.nii.gz") for name in kept)
    words = ["Zweibruecken", "Adalgisa", "ID-7391", "19310719", "20190213", "Secret", "ACC5521", "Quacksalver",
             series[0].StudyInstanceUID, series[0].SeriesInstanceUID]
    assert [(name, word) for name, content in kept.items() for word in words if word.encode() in content] == []


def test_what_a_careless_caller_writes_into_a_path_or_a_body_is_not_kept(make_pacs):
    """Orthanc logs each address itself when it is verbose; the plugin's own lines, its audit and its store do not."""
    pacs = make_pacs()
    study = pacs.send_all(make_series(slices=4, PatientID="careless"))
    address = f"{pacs.client.url}/h3k27m"
    requests.post(f"{address}/cases/Zweibruecken/triage", json={}, timeout=30)
    requests.post(f"{address}/cases/{study}/triage", json={"priority": "Zweibruecken"}, timeout=30)
    requests.post(f"{address}/models/ID-7391 SECRET/promote", json={}, timeout=30)
    # Forms are refused before they come to a route.
    for path in ("cases/Zweibruecken/mask", "Zweibruecken%0AID-7391"):
        assert requests.post(f"{address}/{path}", files={"file": b"x"}, timeout=30).status_code == 403
    audit = requests.get(f"{address}/audit", timeout=30).json()["entries"]
    assert [entry["action"] for entry in audit] == ["postMask", "promoteModel", "triageCase", "triageCase"]
    pacs.stop()
    ours = "\n".join(line for line in pacs.log().splitlines() if "PluginsManager.cpp" in line and " H3K27M: " in line)
    store = b"".join(path.read_bytes() for path in pacs.folder.joinpath("db").glob("*h3k27m*") if path.is_file())
    assert "POST /h3k27m/cases/{study}/mask: refused (HTTP 415)" in ours and store
    for word in ("Zweibruecken", "ID-7391"):
        assert word not in str(audit) and word not in ours and word.encode() not in store
