# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TestPacs: a real Orthanc with the plugin, in a folder of its own, that a test may kill and start again.

    with TestPacs(folder, build) as pacs:                 # starts, waits until the engine serves
        study = pacs.make_phantom(seed=1)["study"]        # a synthetic study, through POST /h3k27m/phantoms
        case = pacs.wait_for_case(study)                  # {"state": "done", "result": {...}, "routing": [...]}
        seg = pacs.dataset(case["result"]["segmentation"])  # as pydicom reads it
        pacs.kill()                                       # SIGKILL, as a power cut would
        pacs.start()                                      # same folders, same ports, same configuration

Options of the section H3K27M and of the core are given as dictionaries: TestPacs(folder, build, h3k27m={"Triage":
"shadow"}, orthanc={"StableAge": 5}); ohif: folder of the OHIF viewer to serve; credentials: "user:password" of an administrator. Ports are free ones of loopback. The log is kept over restarts: pacs.log().
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pydicom

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "Resources" / "setup"))
from orthanc_client import OrthancClient, OrthancError  # noqa: E402
from orthanc_config import free_ports, make_configuration  # noqa: E402

START_LIMIT_SECONDS = 60
ENGINE_LIMIT_SECONDS = 240
CASE_LIMIT_SECONDS = 240
# Few and small slices: the network's time is the same for each, and most tests are about what happens around it.
SMALL = {"rows": 128, "columns": 128, "slices": 10, "pixel_spacing_mm": 1.8, "slice_spacing_mm": 12}


def use_postgresql(pacs, database):
    """Has an Orthanc that is not started yet keep index and files in that server, where others may share them."""
    pacs.configuration["Plugins"] += [f"/usr/share/orthanc/plugins/libOrthancPostgreSQL{kind}.so" for kind in ("Index", "Storage")]
    pacs.configuration["PostgreSQL"] = {"EnableIndex": True, "EnableStorage": True, "Host": "127.0.0.1", "Port": database.port,
                                        "Database": "postgres", "Username": "h3k27m", "Password": "", "EnableSsl": False,
                                        "Lock": False}   # True: one Orthanc alone


class TestPacs:
    __test__ = False  # not a test, whatever its name says to pytest

    def __init__(self, folder, build, h3k27m=None, orthanc=None, ohif=None, credentials=None):
        self.folder = Path(folder)
        self.http_port, self.dicom_port = free_ports(2)
        self.client = OrthancClient(f"http://127.0.0.1:{self.http_port}", credentials)
        self.process = None
        self.environment = {}   # variables that Orthanc and its children see besides ours
        (self.folder / "db").mkdir(parents=True, exist_ok=True)
        # A second is the shortest age that Orthanc knows. Normal priority: a test may share its machine with a build.
        self.configuration = make_configuration(build, self.folder, self.http_port, self.dicom_port,
                                                {"Device": "cpu", "EnginePriority": "normal", **(h3k27m or {})},
                                                {"StableAge": 1, "HttpVerbose": False, **(orthanc or {})}, ohif)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()   # what does not get ready is not left behind either
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    # Start and end

    def spawn(self):
        """Starts the process only."""
        path = self.folder / "orthanc.json"
        path.write_text(json.dumps(self.configuration), encoding="utf-8")
        with open(self.folder / "orthanc.log", "ab") as log:
            self.process = subprocess.Popen(["Orthanc", "--verbose-plugins", str(path)], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, env={**os.environ, **self.environment})

    def start(self, wait_for_engine=True):
        self.spawn()
        end = time.monotonic() + START_LIMIT_SECONDS
        while True:
            try:
                self.client.get("/system", timeout=5)
                break
            except OrthancError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"Orthanc ended with {self.process.returncode}:\n{self.log()[-4000:]}") from None
                if time.monotonic() > end:
                    raise RuntimeError(f"Orthanc does not answer:\n{self.log()[-4000:]}") from None
                time.sleep(0.1)
        if wait_for_engine:
            self.client.wait_for_engine(ENGINE_LIMIT_SECONDS)

    def stop(self):
        """Asks Orthanc to end; returns its exit code. A server that hangs at its end is an error."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            return self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"Orthanc did not end within 60 s:\n{self.log()[-4000:]}") from None
        finally:
            self.process = None

    def kill(self):
        """SIGKILL: nothing is flushed, nobody is told."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def wait_for_exit(self, limit_seconds=START_LIMIT_SECONDS):
        code = self.process.wait(timeout=limit_seconds)
        self.process = None
        return code

    def log(self):
        path = self.folder / "orthanc.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    # The engine

    def engine(self):
        """What /status says of the engine; its state is "absent" while the plugin itself is still starting (503)."""
        try:
            return self.client.get("/h3k27m/status")["engine"]
        except OrthancError as fault:
            if " answered 503" in str(fault):
                return {"state": "absent", "pid": None, "last_error": None}
            raise

    def kill_engine(self):
        """SIGKILL to the engine of this Orthanc; returns its process id."""
        pid = self.engine()["pid"]
        os.kill(pid, signal.SIGKILL)
        return pid

    # Studies

    def make_phantoms(self, **request):
        return self.client.post("/h3k27m/phantoms", {**SMALL, **request})["studies"]

    def make_phantom(self, **request):
        return self.make_phantoms(**request)[0]

    def send(self, content):
        """Stores one instance: bytes, a path, or a pydicom dataset. Orthanc's answer."""
        if isinstance(content, pydicom.Dataset):
            buffer = io.BytesIO()
            content.save_as(buffer, enforce_file_format=True)
            content = buffer.getvalue()
        elif isinstance(content, (str, Path)):
            content = Path(content).read_bytes()
        return self.client.post("/instances", content, content_type="application/dicom")

    def send_all(self, contents):
        """Stores all instances; the Orthanc ID of their one study."""
        studies = {self.send(content)["ParentStudy"] for content in contents}
        assert len(studies) == 1, studies
        return studies.pop()

    def send_folder(self, *folders):
        return self.send_all(path for folder in folders for path in sorted(Path(folder).rglob("*.dcm")))

    def delete_study(self, study):
        self.client.request("DELETE", f"/studies/{study}")

    def wait_for_case(self, study, state=None, limit_seconds=CASE_LIMIT_SECONDS):
        """The case at its end; with `state` it must end so."""
        try:
            case = self.client.wait_for_case(study, limit_seconds)
        except OrthancError as fault:
            raise AssertionError(f"{fault}; case: {self.client.get_case(study)}\n{self.log()[-4000:]}") from fault
        if state is not None:
            assert case["state"] == state, f"{case['state']}: {case['reason']}"
        return case

    def wait_until_idle(self, limit_seconds=CASE_LIMIT_SECONDS):
        """Until nothing is queued or running, and every study was stable for longer than StableAge."""
        self.wait_until(lambda: not any(self.client.get("/h3k27m/status")["queue"][state]
                                        for state in ("queued", "running", "failed")), limit_seconds, "an empty queue")

    def settle(self, seconds=4):
        """Leaves time for a round that must not happen; StableAge is 1 s, so one would have begun by then."""
        time.sleep(seconds)
        self.wait_until_idle()

    def wait_until(self, look, limit_seconds=60, what="a condition"):
        return self.client.wait_until(look, limit_seconds, what, interval_seconds=0.1)

    # What stands in the PACS

    def instances(self, study, modality=None):
        """[(Orthanc instance ID, modality)] of a study."""
        found = []
        for series in self.client.get(f"/studies/{study}/series"):
            kind = series["MainDicomTags"].get("Modality", "")
            if modality in (None, kind):
                found.extend((instance, kind) for instance in series["Instances"])
        return found

    def results(self, study, phantom=None):
        """What triage made: {"SEG": [ids], "SR": [ids]}, without the phantom's own mask and label."""
        planted = {phantom["mask"], phantom["label"]} if phantom else set()
        return {kind: [instance for instance, _ in self.instances(study, kind) if instance not in planted]
                for kind in ("SEG", "SR")}

    def images(self, study):
        """The source images of a study as pydicom datasets."""
        return [self.dataset(instance) for instance, _ in self.instances(study, "MR")]

    def file(self, instance):
        return self.client.get(f"/instances/{instance}/file")

    def dataset(self, instance):
        return pydicom.dcmread(io.BytesIO(self.file(instance)))
