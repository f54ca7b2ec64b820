#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Load: many studies at once over C-STORE. What the plugin costs the modality that sends (in turns with an Orthanc without
# it), how fast REST answers meanwhile, memory, and that each study has its results once and urgent ones first. A table and
# one line of JSON; ends 0 when all aims hold. Loopback only.
#   load.sh [--studies N] [--rounds N] [--model FOLDER]   500 studies of 24 slices, 3 rounds, a tiny network
#   load.sh ... --folder FOLDER                           where the Orthancs write (a temporary folder); /dev/shm: no disk
#   load.sh --soak N                                      N small studies in tenths: what grows from the first to the last
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

"$REPOSITORY/Resources/install-packages.sh" test
LIBTORCH_ROOT="$("$REPOSITORY/Resources/install-libtorch.sh" cpu)"
export LIBTORCH_ROOT
PYTHON="$(make_environment "$REPOSITORY/Resources/setup/requirements-test.txt")/bin/python"
configure_and_build release OrthancH3K27M h3k27m
exec "$PYTHON" "$REPOSITORY/UnitTests/Integration/load.py" --build "$REPOSITORY/build/release" "$@"
