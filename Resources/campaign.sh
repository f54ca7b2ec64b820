#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# kill -9 of Orthanc, of the engine, of both, of a training, at random, while studies arrive over C-STORE and STOW-RS; then
# every study has its results once, equal to those of an Orthanc that was left alone, and every training is done, with the
# weights of one that nothing disturbed. Prints the counts; ends 0 when that holds.
#   campaign.sh [--kills N] [--studies N] [--seed N] [--keep FOLDER]      100, 60, 1; about ten minutes on two cores
#   campaign.sh --orthancs 2 ...     two Orthancs on one PostgreSQL, which goes and comes back too
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

"$REPOSITORY/Resources/install-packages.sh" test
LIBTORCH_ROOT="$("$REPOSITORY/Resources/install-libtorch.sh" cpu)"
export LIBTORCH_ROOT
PYTHON="$(make_environment "$REPOSITORY/Resources/setup/requirements-test.txt")/bin/python"
configure_and_build release OrthancH3K27M h3k27m
exec "$PYTHON" "$REPOSITORY/UnitTests/Integration/campaign.py" --build "$REPOSITORY/build/release" "$@"
