# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many studies for little: one study's files are made, each further one is the same bytes under other UIDs; and their way to
Orthanc, by several associations of DCMTK's storescu at once. Everything goes to a port of loopback."""

import io
import os
import random
import subprocess
import time

from test_pacs import TestPacs

CALLING_AET = "LOAD"
# Orthanc keeps files that it read in memory, 128 MiB of them by default: until that is full it looks like growth.
CORE = {"DicomModalities": {"load": [CALLING_AET, "127.0.0.1", 104]}, "MaximumStorageCacheSize": 8}
# Debian's DCMTK leaves Nagle's algorithm on, at both ends. Each C-STORE then waits twice for a delayed acknowledgement, 40 ms
# each (seen with strace), and nothing else is measured.
AT_ONCE = {"TCP_NODELAY": "1"}
# The engine is made to stand still for a while, and must not be replaced for it.
PATIENT = {"HeartbeatTimeoutSeconds": 3600, "ProgressTimeoutSeconds": 3600, "EnginePriority": "low"}
UID_ATTRIBUTES = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "SOPInstanceUID")


class LoadPacs(TestPacs):
    """An Orthanc that takes what is sent here, with the plugin or without it (it then starts nothing of ours). What it and the
    engine put into a folder for temporary files is in one of their own. The engine has the priority that a PACS gives it."""

    def __init__(self, folder, build, plugin=True, h3k27m=None, orthanc=None):
        super().__init__(folder, build, h3k27m={**PATIENT, **(h3k27m or {})}, orthanc={**CORE, **(orthanc or {})})
        self.has_plugin = plugin
        self.temporary = self.folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self.environment = {"TMPDIR": str(self.temporary), **AT_ONCE}
        self.configuration["TemporaryDirectory"] = str(self.temporary)
        if not plugin:
            ours = self.configuration["Plugins"][0]
            assert ours.endswith("libOrthancH3K27M.so"), ours
            self.configuration["Plugins"].remove(ours)

    def start(self, wait_for_engine=True):
        super().start(wait_for_engine and self.has_plugin)


class StudyTemplate:
    """The files of a study as bytes. All UIDs begin with one mark of fixed length, and so does the patient's ID: a study of
    its own is these bytes with another mark, and no length in a header changes."""

    def __init__(self, datasets):
        # UIDs of the form 2.25.INTEGER (DICOM PS3.5 section B.2), below 2^128: a random part, a study's number, an index.
        self.prefix = f"2.25.1{random.randrange(10 ** 18):018d}"
        mark = self.mark(0)
        known = {}
        self.files = []
        for ds in datasets:
            for name in UID_ATTRIBUTES:
                setattr(ds, name, known.setdefault(getattr(ds, name), f"{mark}{len(known):010d}"))
            ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
            ds.PatientID = mark
            buffer = io.BytesIO()
            ds.save_as(buffer, enforce_file_format=True)
            self.files.append(buffer.getvalue())

    def mark(self, number):
        return f"{self.prefix}{number:010d}"

    def make(self, number):
        """The files of study `number`, as bytes."""
        old, new = self.mark(0).encode(), self.mark(number).encode()
        return [content.replace(old, new) for content in self.files]


def make_phantom_template(folder, build, model, slices, side):
    """Of one phantom of side x side pixels, without its mask and label. It holds a tumour; the model has nothing to do."""
    shape = {"rows": side, "columns": side, "slices": slices, "pixel_spacing_mm": 230 / side,
             "slice_spacing_mm": min(12, 132 / slices)}
    with LoadPacs(folder, build, h3k27m={"Triage": "off", "Model": str(model)}) as source:
        return StudyTemplate(source.images(source.make_phantom(seed=1, **shape)["study"]))


def write_studies(folder, template, numbers, associations):
    """Writes the studies below `associations` folders, dealt out in turn; returns these folders."""
    shares = [folder / f"share-{index}" for index in range(associations)]
    for position, number in enumerate(numbers):
        target = shares[position % associations] / f"study-{number:06d}"
        target.mkdir(parents=True)
        for index, content in enumerate(template.make(number)):
            (target / f"{index:03d}.dcm").write_bytes(content)
    return [share for share in shares if share.exists()]


def send_by_c_store(pacs, shares, limit_seconds):
    """Each folder over an association of its own, all at once; returns the seconds that it took."""
    begin = time.monotonic()
    senders = [subprocess.Popen(["storescu", "-aet", CALLING_AET, "-aec", "H3K27M", "--timeout", "30", "--scan-directories",
                                 "--recurse", "127.0.0.1", str(pacs.dicom_port), str(share)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**os.environ, **AT_ONCE})
               for share in shares]
    try:
        for sender in senders:
            _, words = sender.communicate(timeout=max(1, begin + limit_seconds - time.monotonic()))
            if sender.returncode != 0:
                raise RuntimeError(f"storescu ended with {sender.returncode}: {words[-2000:]}")
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()
    return time.monotonic() - begin
