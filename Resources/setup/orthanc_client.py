# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""REST against one Orthanc with our plugin, with Python's standard library only (run.sh installs no Python packages)."""

import base64
import json
import time
import urllib.error
import urllib.request
from pathlib import Path

FINAL_STATES = ("done", "refused", "dead", "cancelled")


class OrthancError(Exception):
    """What the server answered when it did not do as asked; the message is for a person."""


class OrthancClient:
    def __init__(self, url, credentials=None):
        """credentials: "user:password", where Orthanc asks for them."""
        self.url = url.rstrip("/")
        self.headers = {"Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"} if credentials else {}

    def request(self, method, path, body=None, content_type="application/json", timeout=120):
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        request = urllib.request.Request(self.url + path, data=data, method=method,
                                         headers={**self.headers, **({"Content-Type": content_type} if data is not None else {})})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                content = answer.read()
        except urllib.error.HTTPError as fault:
            text = fault.read().decode(errors="replace")
            try:
                text = json.loads(text).get("Details") or json.loads(text).get("Message") or text
            except (ValueError, AttributeError):
                pass
            raise OrthancError(f"{method} {path} answered {fault.code}: {text.strip()}") from fault
        except OSError as fault:
            raise OrthancError(f"{method} {path}: {fault}") from fault
        try:
            return json.loads(content)
        except ValueError:
            return content

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    def send_file(self, path):
        """Stores one file. The study's Orthanc ID, or None when the file is no DICOM file."""
        try:
            answer = self.post("/instances", Path(path).read_bytes(), content_type="application/dicom")
        except OrthancError as fault:
            if " answered 400" in str(fault):
                return None
            raise
        return answer["ParentStudy"]

    def wait_until(self, look, limit_seconds, what, interval_seconds=0.2):
        """Calls look() until it returns something true, and returns that."""
        end = time.monotonic() + limit_seconds
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > end:
                raise OrthancError(f"{what}: not within {limit_seconds} s")
            time.sleep(interval_seconds)

    def wait_for_engine(self, limit_seconds):
        def look():
            try:
                engine = self.get("/h3k27m/status")["engine"]
            except OrthancError:
                return None
            if engine["state"] == "given-up":
                raise OrthancError(f"the engine does not start: {engine.get('last_error')}")
            return engine if engine["state"] == "ready" else None
        return self.wait_until(look, limit_seconds, "the engine is ready")

    def get_case(self, study):
        """The case, or None while the plugin has not looked at the study yet."""
        try:
            return self.get(f"/h3k27m/cases/{study}")
        except OrthancError as fault:
            if " answered 404" in str(fault):
                return None
            raise

    def wait_for_case(self, study, limit_seconds):
        def look():
            case = self.get_case(study)
            return case if case and case["state"] in FINAL_STATES else None
        return self.wait_until(look, limit_seconds, f"a result for study {study}")
