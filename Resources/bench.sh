#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Measures one build in one run, so that its figures may be compared with each other: bare network, studies through the
# whole path, what is not network, throughput, memory of both processes, and how fast the PACS answers meanwhile.
# bench.sh [--studies N] [--slices N] [--input-size N]; JSON as its last line. Takes about ten minutes on two cores.
# bench.sh --peer [--rounds N]: instead, network and training step beside PyTorch, in turns. Fetches the whole wheel with all
# that it asks for (6 GB) into the cache folder.
# bench.sh --latency [--rounds N] [--slices N] [--matrix N]: instead, from a stable study to its stored SEG and SR beside pydicom,
# PyTorch and highdicom, warm and as a process per study. Fetches the same.
# bench.sh --worklist [--studies N]: instead, how fast the worklist answers with a million studies (six minutes, 1.6 GB of disk).
# bench.sh --scale: instead, how the cost grows with slices and matrix, and what several studies at once bring (ten minutes).
# bench.sh --sweep [--folder FOLDER]: instead, how long a start takes for 100,000 changes that came meanwhile (five minutes).
# bench.sh --start [--model FOLDER]: instead, from a start to the first result. bench.sh --builds: instead, how long builds take.
# bench.sh --compare FILE [the rest]: measures as the rest says, and fails when a figure got worse than noise explains; FILE: what
# an earlier bench.sh printed (setup/compare_bench.py).
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

"$REPOSITORY/Resources/install-packages.sh" test
LIBTORCH_ROOT="$("$REPOSITORY/Resources/install-libtorch.sh" cpu)"
export LIBTORCH_ROOT
PYTHON="$(make_environment "$REPOSITORY/Resources/setup/requirements-test.txt")/bin/python"
configure_and_build release OrthancH3K27M h3k27m
EARLIER=""
if [ "${1:-}" = --compare ]; then
  EARLIER="$(realpath "${2:?--compare needs the record of an earlier run}")"
  shift 2
fi
SCRIPT="setup/bench.py"
case "${1:-}" in
  --worklist | --scale | --sweep | --start) SCRIPT="setup/bench_${1#--}.py" && shift ;;
  --builds) SCRIPT="setup/bench_start.py" ;;   # an option of that script
  --peer) SCRIPT="peers/compare_with_pytorch.py" && shift ;;
  --latency) SCRIPT="peers/compare_latency.py" && shift ;;
esac
RUN="$PYTHON"
if [[ "$SCRIPT" == peers/* ]]; then
  "$REPOSITORY/Resources/install-packages.sh" peer
  RUN="$(make_environment "$REPOSITORY/Resources/setup/requirements-peer.txt")/bin/python"
fi
SCRIPT="$REPOSITORY/Resources/$SCRIPT"
[ -n "$EARLIER" ] || exec "$RUN" "$SCRIPT" --build "$REPOSITORY/build/release" "$@"
LATER="$(mktemp)"
trap 'rm -f "$LATER"' EXIT
"$RUN" "$SCRIPT" --build "$REPOSITORY/build/release" "$@" | tee "$LATER"
"$PYTHON" "$REPOSITORY/Resources/setup/compare_bench.py" "$EARLIER" "$LATER"
