# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models go out as a ZIP and come in as one; whatever is wrong with it is refused before anything of it is visible."""

import hashlib
import io
import json
import pickle
import stat
import threading
import time
import zipfile

import pytest
import requests

from test_pacs import REPOSITORY

SHIPPED = REPOSITORY / "Resources" / "Models" / "phantom-demonstration"


@pytest.fixture(scope="module")
def shipped(call):
    """The archive of the model that is shipped."""
    return call("GET", "models/{name}/archive", name="phantom-demonstration")


def unpack(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def pack(files, kind=zipfile.ZIP_DEFLATED):
    """files: a dictionary, or pairs of name (or ZipInfo) and content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return buffer.getvalue()


def renamed(files, name, **fields):
    """The model under another name, with these fields of its card."""
    return {**files, "card.json": json.dumps({**json.loads(files["card.json"]), "name": name, **fields})}


def names(call):
    return [model["name"] for model in call("GET", "models").json()["models"]]


def upload_folder(pacs):
    return next(pacs.folder.glob("**/h3k27m-models"), None)


def wait_for_engine(pacs, model):
    """Until the engine is ready with this model: one that was put in force is loaded in the background."""
    pacs.wait_until(lambda: (engine := pacs.engine())["state"] == "ready" and engine["model"]["name"] == model, 60, "the engine")


def refuse(call, pacs, archive, status=400):
    """The reason; nothing may have become visible, and nothing may be left behind."""
    before = names(call)
    answer = call("POST", "models", archive=archive)
    assert answer.status_code == status, answer.text
    assert names(call) == before
    folder = upload_folder(pacs)
    assert folder is None or [p.name for p in folder.iterdir() if p.name.startswith(".")] == []
    return answer.json()["Details"]


def test_an_archive_is_an_ordinary_zip_of_the_model(call, shipped):
    assert shipped.headers["Content-Type"] == "application/zip"
    assert shipped.headers["Content-Disposition"] == 'attachment; filename="phantom-demonstration.zip"'
    files = unpack(shipped.content)
    assert files == {name: (SHIPPED / name).read_bytes() for name in ("card.json", "model.safetensors")}
    with zipfile.ZipFile(io.BytesIO(shipped.content)) as archive:
        assert {i.compress_type for i in archive.infolist()} == {zipfile.ZIP_STORED}
        assert all(stat.S_ISREG(i.external_attr >> 16) for i in archive.infolist())
    assert call("GET", "models/{name}/archive", name="phantom-demonstration").content == shipped.content
    assert call("GET", "models/{name}/archive", name="nobody").status_code == 404


def test_an_uploaded_model_is_a_candidate_that_an_administrator_may_put_in_force(call, pacs, shipped):
    made_up = {"passed": True, "reason": "made up", "baseline": {
        "name": "phantom-demonstration", "weights_sha256": json.loads(unpack(shipped.content)["card.json"])["weights_sha256"]}}
    answer = call("POST", "models", archive=pack(renamed(unpack(shipped.content), "brought", gate=made_up)))
    assert answer.status_code == 201, answer.text
    entry = answer.json()
    assert (entry["name"], entry["origin"], entry["run"], entry["active"]) == ("brought", "uploaded", None, False)
    assert call("GET", "models/{name}", name="brought").json() == entry
    assert pacs.client.get("/h3k27m/models/brought")["card"]["gate"]["passed"] is True

    refusal = call("POST", "models/{name}/promote", name="brought", body={})
    assert refusal.status_code == 409 and "does not count" in refusal.json()["Details"]
    change = call("POST", "models/{name}/promote", name="brought", body={"override": True, "reason": "a test"})
    assert change.json() == {"current": "brought", "previous": "phantom-demonstration"}
    wait_for_engine(pacs, "brought")
    case = pacs.wait_for_case(pacs.make_phantom(seed=21)["study"], "done")
    assert case["result"]["model"]["name"] == "brought"
    again = unpack(call("GET", "models/{name}/archive", name="brought").content)
    assert again["model.safetensors"] == unpack(shipped.content)["model.safetensors"]
    assert "already" in refuse(call, pacs, pack(renamed(again, "brought")), 409)
    assert call("POST", "models/{name}/rollback", name="brought", body={}).json()["current"] == "phantom-demonstration"
    wait_for_engine(pacs, "phantom-demonstration")   # a phantom is refused while it starts


def test_a_candidate_reads_along_and_only_its_figures_are_kept(call, pacs, shipped):
    call("POST", "models", archive=pack(renamed(unpack(shipped.content), "tried", threshold=0.99999)))
    assert call("GET", "models/{name}/shadow", name="tried").json()["active"] is False
    started = call("PUT", "models/{name}/shadow", name="tried", body={})
    assert started.status_code == 200 and started.json()["active"] and started.json()["against"] == "phantom-demonstration"
    study = pacs.make_phantom(seed=128, status="altered")["study"]
    result = pacs.wait_for_case(study, "done")["result"]
    before = pacs.results(study)
    shadow = pacs.wait_until(lambda: (s := call("GET", "models/{name}/shadow", name="tried").json())["comparisons"] and s, 120,
                             "the candidate's answer")
    row = shadow["comparisons"][0]
    assert row["study"] == study and row["fault"] is None
    assert row["candidate"]["probability_altered"] == result["prediction"]["probability_altered"]
    assert (row["current"]["status"], row["current"]["model"]) == (result["prediction"]["status"], "phantom-demonstration")
    assert shadow["figures"]["studies"] == 1 and shadow["figures"]["tumours"]["both"] == 1
    assert pacs.results(study) == before and pacs.client.get_case(study)["result"] == result

    ended = call("DELETE", "models/{name}/shadow", name="tried").json()
    assert not ended["active"] and ended["figures"]["studies"] == 1
    assert call("DELETE", "models/{name}/shadow", name="tried").status_code == 409
    assert call("PUT", "models/{name}/shadow", name="phantom-demonstration", body={}).status_code == 409
    assert call("PUT", "models/{name}/shadow", name="nobody", body={}).status_code == 404


def test_all_faults_are_named_at_once(call, pacs, shipped):
    files = renamed(unpack(shipped.content), "faulty", threshold=7, research_use_only=False)
    reason = refuse(call, pacs, pack({**files, "model.safetensors": b"short", "readme.txt": b"x", "../../evil": b"x"}))
    for fault in ("'threshold'", "'research_use_only' must be true", "SHA-256", "'readme.txt' is none", "'../../evil' leads out"):
        assert fault in reason
    assert not list(pacs.folder.glob("**/evil"))


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil", "..\\evil"])
def test_no_name_leads_out_of_the_registry(call, pacs, shipped, name):
    assert "leads out" in refuse(call, pacs, pack({**renamed(unpack(shipped.content), "slip"), name: b"x"}))


def test_links_are_refused(call, pacs, shipped):
    link = zipfile.ZipInfo("model.safetensors")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    card = renamed(unpack(shipped.content), "link")["card.json"]
    assert "is a link" in refuse(call, pacs, pack([("card.json", card), (link, str(SHIPPED / "model.safetensors"))]))


def test_bombs_are_refused_before_they_inflate(call, pacs, shipped):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", renamed(unpack(shipped.content), "bomb")["card.json"])
        with archive.open("model.safetensors", "w", force_zip64=True) as stream:
            for _ in range(1100):
                stream.write(bytes(1 << 20))
    begin = time.monotonic()
    assert "the limit is 1073741824" in refuse(call, pacs, bomb.getvalue())
    assert time.monotonic() - begin < 5
    crowd = pack({**renamed(unpack(shipped.content), "crowd"), **{f"{i}.txt": b"" for i in range(600)}})
    assert "602 entries" in refuse(call, pacs, crowd)


def test_damaged_archives_are_refused(call, pacs, shipped):
    archive = pack(renamed(unpack(shipped.content), "cut"), zipfile.ZIP_STORED)
    for damaged in (archive[:-40], archive[:len(archive) // 2], b"", b"PK\x03\x04", b"{}"):
        assert "ZIP archive" in refuse(call, pacs, damaged)
    flipped = bytearray(archive)
    flipped[len(archive) // 2] ^= 1
    assert "damaged" in refuse(call, pacs, bytes(flipped))


def test_pickle_is_never_read(call, pacs, shipped):
    class Evil:
        def __reduce__(self):
            return (open, (str(pacs.folder / "ran"), "w"))

    for weights in (pickle.dumps(Evil(), 2), pack({"archive/data.pkl": pickle.dumps(Evil(), 2)})):
        files = renamed(unpack(shipped.content), "pickled", weights_sha256=hashlib.sha256(weights).hexdigest())
        assert "never read" in refuse(call, pacs, pack({**files, "model.safetensors": weights}))
    assert "never read" in refuse(call, pacs, pack({**renamed(unpack(shipped.content), "pickled"), "model.pt": b"x"}))
    assert not (pacs.folder / "ran").exists()


def test_the_engine_must_be_able_to_load_the_model(call, pacs, shipped):
    reason = refuse(call, pacs, pack(renamed(unpack(shipped.content), "other", width=32)))
    assert "The engine cannot use the model" in reason and str(pacs.folder) not in reason
    assert "The engine cannot use" in refuse(call, pacs, pack(renamed(unpack(shipped.content), "other", variant="colour")))


def test_an_upload_needs_its_content_type_and_no_foreign_origin(call, pacs, shipped):
    archive = pack(renamed(unpack(shipped.content), "guarded"))
    assert call("POST", "models", archive=archive, headers={"Content-Type": "text/plain"}).status_code == 415
    # So large a body of another page is not even read: Orthanc's own refusal, without words.
    answer = requests.post(f"{pacs.client.url}/h3k27m/models", data=archive, timeout=60,
                           headers={"Content-Type": "application/zip", "Origin": "http://elsewhere"})
    assert answer.status_code == 403
    assert "guarded" not in names(call)


def test_a_killed_upload_leaves_nothing(make_pacs, shipped):
    """Killed while the engine looks at the model: nothing is visible then, and the next start sweeps what is left."""
    pacs = make_pacs()
    archive = pack(renamed(unpack(shipped.content), "half"))

    def send():
        try:
            requests.post(f"{pacs.client.url}/h3k27m/models", data=archive, timeout=60,
                          headers={"Content-Type": "application/zip"})
        except requests.RequestException:
            pass   # it is killed meanwhile

    sender = threading.Thread(target=send)
    sender.start()
    pacs.wait_until(lambda: list(pacs.folder.glob("**/h3k27m-models/.upload-*/model.safetensors")), 60, "an upload")
    pacs.kill()
    sender.join()
    assert list(upload_folder(pacs).glob(".upload-*")), "it was half way"
    assert not (upload_folder(pacs) / "half").exists()
    pacs.start()
    assert list(upload_folder(pacs).iterdir()) == []
    assert [m["name"] for m in pacs.client.get("/h3k27m/models")["models"]] == ["phantom-demonstration"]
