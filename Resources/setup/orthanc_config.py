#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the configuration of one Orthanc of our own from the repository's orthanc.json.

Used by run.sh and bench.sh on the command line, by the integration tests as a module. The packaged service and its
configuration are never touched: own folders, own ports, loopback only.
"""

import argparse
import json
import os
import random
import re
import socket
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGED_PLUGINS = Path("/usr/share/orthanc/plugins")
# DICOMweb serves viewers; GDCM decodes JPEG 2000. Both are used where they are installed.
OPTIONAL_PLUGINS = ("libOrthancDicomWeb.so", "libOrthancGdcm.so")
PORTS = (10240, 32767)
PORTS_OF_THE_SERVICE = {8042, 4242}
# What OHIF needs: Orthanc serves its files (package orthanc) and answers DICOMweb (package orthanc-dicomweb).
OHIF_PLUGINS = ("libServeFolders.so", "libOrthancDicomWeb.so")
OHIF_STUDY = "/ohif/viewer?StudyInstanceUIDs={StudyInstanceUID}&initialSeriesInstanceUID={SeriesInstanceUID}"

# A string, or a comment: strings are kept as they are, because "//" may stand in one.
TOKEN = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


def read_commented_json(path):
    """Orthanc's dialect: JSON with // and /* */ comments."""
    text = Path(path).read_text(encoding="utf-8")
    return json.loads(TOKEN.sub(lambda match: match.group(1) or " ", text))


def free_ports(count):
    """Ports of loopback that nobody listens on now, never those of the packaged service.

    Below those that the kernel gives to whoever connects: a server that is down for a moment finds its port free again.
    Chosen by chance: tests that run side by side ask at the same time.
    """
    sockets = []
    try:
        while len(sockets) < count:
            port = random.randint(*PORTS)
            if port in PORTS_OF_THE_SERVICE:
                continue
            candidate = socket.socket()
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                candidate.close()
                continue
            sockets.append(candidate)
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def add_ohif(configuration, folder):
    """Has Orthanc serve the viewer of Resources/install-ohif.sh, and the dashboard lead to it."""
    for name in OHIF_PLUGINS:
        if not (PACKAGED_PLUGINS / name).exists():
            raise FileNotFoundError(f"OHIF needs Orthanc's plugin {name}: Resources/install-packages.sh run")
        if str(PACKAGED_PLUGINS / name) not in configuration["Plugins"]:
            configuration["Plugins"].append(str(PACKAGED_PLUGINS / name))
    # ServeFolders serves a file by its exact path, and takes for its extension what follows the last dot of the whole
    # path, folders included. The page of a study has OHIF's own address, /ohif/viewer, which has no extension.
    page = str(Path(folder) / "viewer")
    configuration["ServeFolders"] = {
        "Folders": {"/ohif": str(folder)},
        "Extensions": {page.rpartition(".")[2].lower() if "." in page else "": "text/html"},
    }
    # The DICOMweb plugin's lists of studies are in this encoding: Latin1, the default, loses Chinese names.
    configuration["DefaultEncoding"] = "Utf8"
    configuration["H3K27M"]["Viewer"] = OHIF_STUDY


def make_configuration(build, data, http_port, dicom_port, h3k27m=None, orthanc=None, ohif=None):
    """The whole configuration as a dictionary.

    build: folder with libOrthancH3K27M.so; data: folder for index and files; h3k27m: options of our section that
    replace the demonstration's; orthanc: options of the core that do; ohif: folder with the OHIF viewer, to serve it.
    """
    configuration = read_commented_json(REPOSITORY / "orthanc.json")
    configuration.update({
        "HttpPort": http_port,
        "DicomPort": dicom_port,
        "StorageDirectory": str(Path(data) / "db"),
        "IndexDirectory": str(Path(data) / "db"),
        "Plugins": [str(Path(build) / "libOrthancH3K27M.so"),
                    *(str(PACKAGED_PLUGINS / name) for name in OPTIONAL_PLUGINS if (PACKAGED_PLUGINS / name).exists())],
    })
    if (Path(build) / "CMakeCache.txt").exists():
        # An installed tree holds its model; a build folder does not. H3K27M_MODEL names another one to try.
        configuration["H3K27M"]["Model"] = os.environ.get(
            "H3K27M_MODEL", str(REPOSITORY / "Resources" / "Models" / "phantom-demonstration"))
    if ohif:
        add_ohif(configuration, ohif)
    configuration["H3K27M"].update(h3k27m or {})
    configuration.update(orthanc or {})
    return configuration


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="folder with libOrthancH3K27M.so and h3k27m")
    parser.add_argument("--data", required=True, help="folder for index, files and the work store")
    parser.add_argument("--http-port", type=int, default=0, help="0: a free one")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--ohif", help="folder with the OHIF viewer (Resources/install-ohif.sh), to serve it")
    parser.add_argument("--output", required=True, help="the file to write")
    arguments = parser.parse_args()

    http, dicom = free_ports(2)
    configuration = make_configuration(arguments.build, arguments.data, arguments.http_port or http, dicom,
                                       {"Device": arguments.device}, ohif=arguments.ohif)
    Path(arguments.output).write_text(json.dumps(configuration, indent=2), encoding="utf-8")
    print(configuration["HttpPort"], configuration["DicomPort"])


if __name__ == "__main__":
    main()
