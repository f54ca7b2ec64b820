#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Measures one build in one run, so that its figures may be compared with each other: bare network, studies through the
# whole path, what is not network, throughput, memory of both processes, and how fast the PACS answers meanwhile.
# bench.sh [--studies N] [--slices N] [--input-size N]; JSON as its last line. Takes about ten minutes on two cores.
# bench.sh --peer [--rounds N]: instead, network and training step beside PyTorch, in turns. Fetches the whole wheel with all
# that it asks for (6 GB) into the cache folder.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

"$REPOSITORY/Resources/install-packages.sh" test
LIBTORCH_ROOT="$("$REPOSITORY/Resources/install-libtorch.sh" cpu)"
export LIBTORCH_ROOT
PYTHON="$(make_environment "$REPOSITORY/Resources/setup/requirements-test.txt")/bin/python"
configure_and_build release OrthancH3K27M h3k27m
if [ "${1:-}" = --peer ]; then
  shift
  PEER="$(make_environment "$REPOSITORY/Resources/setup/requirements-peer.txt")/bin/python"
  exec "$PEER" "$REPOSITORY/Resources/peers/compare_with_pytorch.py" --build "$REPOSITORY/build/release" "$@"
fi
exec "$PYTHON" "$REPOSITORY/Resources/setup/bench.py" --build "$REPOSITORY/build/release" "$@"
