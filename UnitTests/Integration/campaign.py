#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at random while studies arrive, and then: each study has its results once, and they are those of a quiet day.

The same phantom studies go to two Orthancs: one is left alone, the other loses Orthanc, its engine, both or the process of a
training again and again, while studies come in by C-STORE and by STOW-RS and one training after another is under way. With
--orthancs 2 the disturbed side is two Orthancs that share index, files, runs and work store in one PostgreSQL, of which now the
one, now the other is hit, and now the database. In the end, for every study: no result is missing, none is there twice, none is
there that the quiet one has not, and each is equal element by element but for the dates and times below. Each training is done,
its weights those of the quiet one's. No engine and no training is left behind. Resources/campaign.sh builds what this needs and
runs it. Exit code 0: all of that; 1: not.
"""

import argparse
import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import campaign_training
import pydicom
import requests
from series_builder import with_new_identity
from test_pacs import TestPacs, use_postgresql   # also makes Resources/setup known
from postgresql_server import PostgreSqlServer

# When a result was made. Nothing else may differ.
TIMES = ("InstanceCreationDate", "InstanceCreationTime", "SeriesDate", "SeriesTime", "ContentDate", "ContentTime",
         "ContributionDateTime")
RESULTS = ("SEG", "SR", "OT")
# A study that was interrupted is taken up again within seconds, however often that happens.
OPTIONS = {"LeaseSeconds": 5, "MaxInterruptions": 1000, "RetryDelaySeconds": 1, "MaxAttempts": 20,
           "MaxEngineFailures": 100}
CORE = {"DicomModalities": {"scanner": ["CAMPAIGN", "127.0.0.1", 104]}}
LIMIT_SECONDS = 1800
SEND_LIMIT_SECONDS = 300
MANY_KILLS = 30   # of so many some hit a training


def make_studies(folder, build, count, seed):
    """Folders of files, one per study: images of phantoms under new identities, without the phantoms' masks and labels."""
    studies = []
    with TestPacs(folder / "source", build, h3k27m={"Triage": "off"}) as source:
        for number, phantom in enumerate(source.make_phantoms(count=count, seed=seed)):
            target = folder / f"study-{number:03d}"
            target.mkdir()
            for index, ds in enumerate(with_new_identity(source.images(phantom["study"]), f"campaign-{number}")):
                ds.save_as(target / f"{index:03d}.dcm", enforce_file_format=True)
            studies.append(target)
    return studies


def send_by_c_store(pacs, study):
    done = subprocess.run(["storescu", "-aet", "CAMPAIGN", "-aec", "H3K27M", "--timeout", "10", "--scan-directories", "127.0.0.1", str(pacs.dicom_port),
                           str(study)], capture_output=True, check=False)
    return done.returncode == 0


def send_by_stow(pacs, study):
    parts = b"".join(b"--part\r\nContent-Type: application/dicom\r\n\r\n" + path.read_bytes() + b"\r\n"
                     for path in sorted(study.iterdir())) + b"--part--\r\n"
    kind = 'multipart/related; type="application/dicom"; boundary=part'
    try:
        answer = requests.post(f"{pacs.client.url}/dicom-web/studies", data=parts, timeout=30,
                               headers={"Content-Type": kind, "Accept": "application/dicom+json"})
    except requests.RequestException:
        return False
    # Referenced SOP Sequence: an answer of 200 may name neither what was stored nor what failed (seen on orthanc-dicomweb 1.7
    # while the index was away).
    return answer.status_code == 200 and len(answer.json().get("00081199", {}).get("Value", [])) == len(list(study.iterdir()))


class Sender(threading.Thread):
    """A modality that does not give up: what was cut off it sends again from the beginning, by one way or the other."""

    def __init__(self, servers, studies, pause_seconds=0.0):
        super().__init__(daemon=True)
        self.servers, self.studies, self.pause_seconds, self.tries = servers, studies, pause_seconds, 0

    def run(self):
        for number, study in enumerate(self.studies):
            send = (send_by_c_store, send_by_stow)[number % 2]
            end = time.monotonic() + SEND_LIMIT_SECONDS
            while True:
                self.tries += 1
                if send(self.servers[self.tries % len(self.servers)], study):
                    break
                if time.monotonic() > end:
                    print(f"{study.name} could not be sent within {SEND_LIMIT_SECONDS} s", file=sys.stderr)
                    return   # collect() finds it missing
                time.sleep(0.5)
            time.sleep(self.pause_seconds)


def find_engines(build, command="serve"):
    """{process id: that of its parent} of the engines of this build that serve an Orthanc, or train, orphans included."""
    found = {}
    program = str((build / "h3k27m").resolve())
    for process in Path("/proc").iterdir():
        try:
            if (process.name.isdigit() and os.readlink(process / "exe") == program
                    and (process / "cmdline").read_bytes().split(b"\0")[1:2] == [command.encode()]):
                found[int(process.name)] = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            pass   # it ended meanwhile
    return found


def kill_engines(build, pacs, command="serve"):
    """How many were hit."""
    hits = 0
    for pid in [pid for pid, parent in find_engines(build, command).items() if parent == pacs.process.pid]:
        with contextlib.suppress(ProcessLookupError):   # it ended meanwhile
            os.kill(pid, signal.SIGKILL)
            hits += 1
    return hits


def disturb(servers, database, build, kills, generator, trainings):
    """Kills at random; returns how often whom."""
    counts = Counter()
    for _ in range(kills):
        time.sleep(generator.uniform(0.05, 3))
        trainings.keep_one_going(generator.choice(servers))
        teachers = [pacs for pacs in servers if pacs.process.pid in find_engines(build, campaign_training.COMMAND).values()]
        victim = generator.choice(("Orthanc", "engine", "both", *(("database",) if database else ()),
                                   *(("training",) if teachers else ())))   # between two attempts there is none to kill
        if victim == "training":
            counts[victim] += min(1, kill_engines(build, teachers[0], campaign_training.COMMAND))   # it may have ended meanwhile
            continue
        counts[victim] += 1
        if victim == "database":
            database.stop()
            time.sleep(generator.uniform(0.05, 2))
            database.start()
            continue
        pacs = generator.choice(servers)
        if victim != "Orthanc":
            kill_engines(build, pacs)
        if victim != "engine":
            pacs.kill()
            pacs.start(wait_for_engine=False)
    return counts


def collect(pacs, studies):
    """{StudyInstanceUID: {SOPInstanceUID: (modality, content without times)}} of all results, and the cases' states."""
    results, states = {}, Counter()
    wanted = {pydicom.dcmread(next(study.iterdir()), stop_before_pixels=True).StudyInstanceUID for study in studies}
    found = {pacs.client.get(f"/studies/{study}")["MainDicomTags"]["StudyInstanceUID"]: study
             for study in pacs.client.get("/studies")}
    assert wanted == set(found), f"{len(wanted - set(found))} studies are missing, {len(set(found) - wanted)} were not sent"
    for uid, study in found.items():
        states[pacs.wait_for_case(study, limit_seconds=LIMIT_SECONDS)["state"]] += 1
    pacs.settle()
    for uid, study in found.items():
        files = [instance for modality in RESULTS for instance, _ in pacs.instances(study, modality)]
        datasets = [pacs.dataset(instance) for instance in files]
        results[uid] = {ds.SOPInstanceUID: (ds.Modality, without_times(ds)) for ds in datasets}
    return results, states


def without_times(ds):
    def strip(dataset, element):
        if element.keyword in TIMES:
            del dataset[element.tag]
    ds.walk(strip)
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def compare(quiet, disturbed):
    """Words about each difference."""
    faults = []
    for uid, expected in quiet.items():
        seen = disturbed[uid]
        for sop in expected.keys() - seen.keys():
            faults.append(f"study {uid}: {expected[sop][0]} {sop} is missing")
        for sop in seen.keys() - expected.keys():
            faults.append(f"study {uid}: {seen[sop][0]} {sop} is one too many")
        for sop in seen.keys() & expected.keys():
            if seen[sop] != expected[sop]:
                faults.append(f"study {uid}: {seen[sop][0]} {sop} differs")
    return faults


def start_disturbed(stack, folder, arguments, trainings):
    """(Orthancs, the database that they share or None); `stack` ends them."""
    shared, database = {**OPTIONS, **trainings.options()}, None
    if arguments.orthancs > 1:
        database = stack.enter_context(PostgreSqlServer())
        shared["WorkStore"] = database.url
    servers = []
    for number in range(arguments.orthancs):
        pacs = TestPacs(folder / f"disturbed-{number}", arguments.build, h3k27m=shared, orthanc=CORE)
        if database:
            use_postgresql(pacs, database)
        servers.append(stack.enter_context(pacs))
    return servers, database


def run(folder, arguments):
    studies = make_studies(folder, arguments.build, arguments.studies, arguments.seed)
    calm = campaign_training.Trainings(folder / "quiet-runs", arguments.build)
    with TestPacs(folder / "quiet", arguments.build, h3k27m={**OPTIONS, **calm.options()}, orthanc=CORE) as pacs:
        calm.keep_one_going(pacs)
        sender = Sender([pacs], studies)
        sender.start()
        sender.join()
        quiet, states = collect(pacs, studies)
        assert states == {"done": len(studies)}, f"without any fault: {dict(states)}"
        model, faults = calm.finish(pacs)
        assert len(model) == 1 and not faults, f"without any fault: {faults}"

    begin = time.monotonic()
    strangers = set(find_engines(arguments.build)) | set(find_engines(arguments.build, campaign_training.COMMAND))
    trainings = campaign_training.Trainings(folder / "disturbed-runs", arguments.build)
    with contextlib.ExitStack() as stack:
        servers, database = start_disturbed(stack, folder, arguments, trainings)
        # Studies come in during the whole campaign: a kill and a start take some two seconds and a half.
        sender = Sender(servers, studies, 2.5 * arguments.kills / len(studies))
        sender.start()
        counts = disturb(servers, database, arguments.build, arguments.kills, random.Random(arguments.seed), trainings)
        sender.join()
        disturbed, states = collect(servers[0], studies)
        models, faults = trainings.finish(servers[0])
        engines = len(find_engines(arguments.build).keys() - strangers)
        orphans = len(find_engines(arguments.build, campaign_training.COMMAND).keys() - strangers)
        log = "".join(pacs.log() for pacs in servers)
    faults += compare(quiet, disturbed) + campaign_training.compare(model, models)
    if states != {"done": len(studies)}:
        faults.append(f"cases ended as {dict(states)}")
    if engines > len(servers):
        faults.append(f"{engines} engines run where {len(servers)} are needed")
    if orphans:
        faults.append(f"{orphans} trainings run, and all runs are over")
    if arguments.kills >= MANY_KILLS and not (counts["training"] and models):
        faults.append(f"{counts['training']} trainings were killed, {len(models)} came to their end")
    kinds = Counter(kind for study in disturbed.values() for kind, _ in study.values())
    summary = {"kills": dict(counts), "studies": len(studies), "sent": sender.tries, "states": dict(states),
               "results": dict(kinds), "trainings": {"done": len(models), "resumed by hand": dict(trainings.given_up)},
               "starts": log.count("Orthanc has started"), "faults": faults,
               "seconds": round(time.monotonic() - begin)}
    print(json.dumps(summary, indent=2))
    return 1 if faults else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="folder with libOrthancH3K27M.so and h3k27m")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--studies", type=int, default=60)
    parser.add_argument("--orthancs", type=int, default=1, help="that share one PostgreSQL, where they are more than one")
    parser.add_argument("--seed", type=int, default=1, help="of the phantoms and of the moments")
    parser.add_argument("--keep", type=Path, help="folder for databases and logs, which stays; default: one that goes")
    arguments = parser.parse_args()
    if arguments.keep:
        arguments.keep.mkdir(parents=True)
        return run(arguments.keep, arguments)
    with tempfile.TemporaryDirectory(prefix="h3k27m-campaign-") as folder:
        return run(Path(folder), arguments)


if __name__ == "__main__":
    sys.exit(main())
