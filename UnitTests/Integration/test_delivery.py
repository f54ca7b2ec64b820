# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results sent on by rule: a PACS that is down at first, a webhook that fails at first, kill -9, storage commitment."""

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from orthanc_client import OrthancError
from series_builder import make_series

SECRET = "a secret of the test"
QUICK = {"RetryDelaySeconds": 1, "MaxRetryDelaySeconds": 2}


@pytest.fixture
def webhook():
    """A server that answers what `answers` says, 200 at last, and keeps what it was sent."""
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802
            if self.path.startswith("/elsewhere"):
                self.do_GET()
                return
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.received.append((self.headers, body))
            status = self.server.answers.pop(0) if self.server.answers else 200
            self.send_response(status)
            if status in (302, 307):   # followed as a GET, and as the same POST
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self):  # noqa: N802
            self.server.strayed.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.received, server.answers, server.strayed = [], [], []
    server.url = f"http://127.0.0.1:{server.server_port}/hook?token=hidden"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def deliveries(pacs, study):
    return (pacs.client.get_case(study) or {"deliveries": []})["deliveries"]   # None: not seen yet


def wait_for_delivery(pacs, study, state, limit_seconds=60):
    def look():
        found = [one for one in deliveries(pacs, study) if one["state"] == state]
        return found[0] if found else None
    return pacs.wait_until(look, limit_seconds, f"a delivery that is {state}")


def connect(sender, receiver, rule):
    """Makes the receiver a modality of the sender, and the other way round for N-EVENT-REPORT."""
    sender.configuration["DicomModalities"] = {"TARGET": ["RECEIVER", "127.0.0.1", receiver.dicom_port]}
    sender.configuration["DicomAet"] = "SENDER"
    receiver.configuration["DicomAet"] = "RECEIVER"
    receiver.configuration["DicomModalities"] = {"SENDER": ["SENDER", "127.0.0.1", sender.dicom_port]}
    sender.configuration["H3K27M"]["Delivery"] = {**QUICK, "Rules": [{"Name": "pacs", "Modality": "TARGET", **rule}]}


def has_instance(pacs, instance):
    try:
        return bool(pacs.client.get(f"/instances/{instance}"))
    except OrthancError:
        return False


def test_a_pacs_that_is_down_gets_the_result_when_it_is_back_even_over_kill_9(make_pacs):
    """Storage commitment included: the state ends with what the receiver says that it keeps."""
    sender = make_pacs(start=False)
    receiver = make_pacs(start=False, h3k27m={"Triage": "off"})
    connect(sender, receiver, {"StorageCommitment": True})
    sender.start()
    study = sender.make_phantom(seed=128, status="altered")["study"]
    result = sender.wait_for_case(study, "done")["result"]
    failed = wait_for_delivery(sender, study, "failed")
    assert "refused" in failed["reason"] and failed["target"] == "modality TARGET"
    assert sender.client.get_case(study)["state"] == "done"
    sender.kill()
    sender.start()
    receiver.start(wait_for_engine=False)
    confirmed = wait_for_delivery(sender, study, "confirmed")
    assert confirmed["id"] == failed["id"] and len(deliveries(sender, study)) == 1
    for kind in ("segmentation", "saliency", "report"):   # the report names the others
        instance = result[kind]
        assert has_instance(receiver, instance)
    assert receiver.instances(study, "MR") == []


def test_a_webhook_that_fails_at_first_gets_a_signed_message_without_a_name(make_pacs, webhook):
    webhook.answers = [500, 302, 307]
    pacs = make_pacs(h3k27m={"Delivery": {**QUICK, "Rules": [
        {"Name": "hook", "Webhook": webhook.url, "Secret": SECRET}]}})
    images = make_series()
    for image in images:
        image.PatientName, image.PatientID = "Geheim^Name", "GEHEIM-ID"
    study = pacs.send_all(images)
    case = pacs.wait_for_case(study, "done")
    delivered = wait_for_delivery(pacs, study, "delivered")
    assert delivered["attempts"] == 4 and len(webhook.received) == 4
    assert webhook.strayed == [], "a redirection leads to where nobody configured it to"
    assert "hidden" not in json.dumps(delivered)
    for headers, body in webhook.received:
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert headers["H3K27M-Signature"] == f"sha256={digest}"
        assert b"Geheim" not in body and b"GEHEIM" not in body
    message = json.loads(webhook.received[-1][1])
    assert message["study"] == study and message["delivery"] == delivered["id"]
    assert message["results"][0]["report_instance_uid"] == case["result"]["report_instance_uid"]
    assert SECRET not in pacs.log()

    # Once more by hand; a new computation with the same result is not sent again.
    pacs.client.post(f"/h3k27m/deliveries/{delivered['id']}/retry", {})
    pacs.wait_until(lambda: len(webhook.received) == 5, 30, "the message again")
    pacs.client.post(f"/h3k27m/cases/{study}/triage", {"force": True})
    pacs.settle()
    assert len(webhook.received) == 5


def test_a_corrected_name_reaches_the_receiver_under_the_same_uids(make_pacs):
    sender = make_pacs(start=False)
    receiver = make_pacs(start=False, h3k27m={"Triage": "off"})
    connect(sender, receiver, {})
    for pacs in (sender, receiver):
        pacs.configuration["OverwriteInstances"] = True
    receiver.start(wait_for_engine=False)
    sender.start()
    images = make_series()
    study = sender.send_all(images)
    before = sender.wait_for_case(study, "done")["result"]
    wait_for_delivery(sender, study, "delivered")
    for image in images:
        image.PatientName = "Corrected^Name"
    assert sender.send_all(images) == study
    sender.client.post(f"/h3k27m/cases/{study}/triage", {"force": True})
    sender.wait_until(lambda: [one["state"] for one in deliveries(sender, study)] == ["delivered"] * 2, 60, "a second delivery")
    after = sender.client.get_case(study)["result"]
    assert after["report_instance_uid"] == before["report_instance_uid"]
    assert receiver.dataset(after["report"]).PatientName == "Corrected^Name"
    assert {one["result"] for one in deliveries(sender, study)} == {after["report_instance_uid"]}

    # What is corrected already is not sent a third time.
    sender.client.post(f"/h3k27m/cases/{study}/triage", {"force": True})
    sender.settle()
    assert len(deliveries(sender, study)) == 2


def test_a_delivery_that_is_given_up_is_dead_until_a_person_retries_it(make_pacs, webhook):
    webhook.answers = [500, 500]
    pacs = make_pacs(h3k27m={"Delivery": {**QUICK, "MaxAttempts": 2, "Rules": [
        {"Name": "hook", "Webhook": webhook.url, "Secret": SECRET}]}})
    study = pacs.send_all(make_series())
    dead = wait_for_delivery(pacs, study, "dead")
    assert dead["reason"] == "the webhook answered 500" and dead["next_attempt"] is None
    assert pacs.client.get("/h3k27m/deliveries?state=dead")["total"] == 1
    pacs.client.post(f"/h3k27m/deliveries/{dead['id']}/retry", {})
    assert wait_for_delivery(pacs, study, "delivered")["attempts"] == 1


def test_kill_9_after_the_result_loses_no_message(make_pacs, webhook):
    webhook.answers = [500] * 50
    pacs = make_pacs(h3k27m={"Delivery": {**QUICK, "Rules": [
        {"Name": "hook", "Webhook": webhook.url, "Secret": SECRET}]}})
    study = pacs.send_all(make_series())
    pacs.wait_for_case(study, "done")
    pacs.kill()
    webhook.answers = []
    pacs.start()
    wait_for_delivery(pacs, study, "delivered")


@pytest.mark.parametrize("key, rule", [
    ("Rules[0].Modality", {"Name": "a", "Modality": "NOBODY"}),
    ("Rules[0].Peer", {"Name": "a", "Peer": "NOBODY"}),
    ("Rules[0].DicomWebServer", {"Name": "a", "DicomWebServer": "NOBODY"}),
    ("Rules[0].Secret", {"Name": "a", "Webhook": "https://host/"}),
])
def test_a_rule_without_a_known_target_stops_the_start(make_pacs, key, rule):
    pacs = make_pacs(start=False, h3k27m={"Delivery": {"Rules": [rule]}})
    pacs.spawn()
    assert pacs.wait_for_exit() != 0
    assert [line for line in pacs.log().splitlines() if line.startswith("E") and key in line], pacs.log()[-2000:]


def has_all(pacs, result):
    return all(has_instance(pacs, result[kind]) for kind in ("segmentation", "saliency", "report"))


def test_an_orthanc_peer_that_is_down_gets_the_result_when_it_is_back(make_pacs):
    sender = make_pacs(start=False)
    receiver = make_pacs(start=False, h3k27m={"Triage": "off"})
    sender.configuration["OrthancPeers"] = {"TARGET": [receiver.client.url]}
    sender.configuration["H3K27M"]["Delivery"] = {**QUICK, "Rules": [{"Name": "peer", "Peer": "TARGET"}]}
    sender.start()
    study = sender.make_phantom(seed=129, status="altered")["study"]
    result = sender.wait_for_case(study, "done")["result"]
    failed = wait_for_delivery(sender, study, "failed")
    assert failed["target"] == "peer TARGET" and failed["reason"]
    receiver.start(wait_for_engine=False)
    delivered = wait_for_delivery(sender, study, "delivered")
    assert delivered["id"] == failed["id"] and has_all(receiver, result)
    assert receiver.instances(study, "MR") == []


def test_stow_rs_brings_the_result_to_a_dicomweb_server_and_says_why_it_did_not(make_pacs):
    sender = make_pacs(start=False)
    receiver = make_pacs(start=False, h3k27m={"Triage": "off"})
    root = f"{receiver.client.url}/dicom-web/"
    sender.configuration["DicomWeb"] = {**sender.configuration.get("DicomWeb", {}), "Servers": {"TARGET": [root]}}
    sender.configuration["H3K27M"]["Delivery"] = {**QUICK, "Rules": [{"Name": "web", "DicomWebServer": "TARGET"}]}
    sender.start()
    study = sender.make_phantom(seed=130, status="altered")["study"]
    result = sender.wait_for_case(study, "done")["result"]
    failed = wait_for_delivery(sender, study, "failed")
    assert failed["target"] == "DICOMweb server TARGET" and failed["reason"]
    receiver.start(wait_for_engine=False)
    delivered = wait_for_delivery(sender, study, "delivered")
    assert delivered["id"] == failed["id"] and has_all(receiver, result)
    assert receiver.instances(study, "MR") == []
    # What it brought is byte for byte what stands in the sender.
    assert receiver.file(result["report"]) == sender.file(result["report"])
