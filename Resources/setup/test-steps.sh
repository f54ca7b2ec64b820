# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154

# The steps of test.sh, one function each, run by run-step.sh in the repository's root; their output is their log. A line
# of it that begins with "remark: " is said on the console too.

BUILD="$REPOSITORY/build"

# What a step tries must be what the sources say. In a whole run the step `build` has seen to that; by --only nothing has.
ensure_built() { [ -z "${ONLY:-}" ] || configure_and_build release all; }

step_scripts() {
  shellcheck -x -P SCRIPTDIR Resources/*.sh Resources/setup/*.sh UnitTests/Layering/*.sh Docker/*.sh .ci/run
  "$PYTHON" -m compileall -q Resources UnitTests/Integration UnitTests/Layering Docker
  jq_free_json_check
  find_no_merge_marks
}

# What a merge leaves where nobody looked. Not by git, which fails where there is no repository, as in the image `test`.
find_no_merge_marks() {
  local status=0
  grep -rnIE --exclude-dir=.git --exclude-dir='build*' '^(<<<<<<<|>>>>>>>)( |$)' . || status=$?
  [ "$status" -eq 1 ]   # 0: there is one; 2: it could not look
}

# Every JSON file of ours is readable: Orthanc's dialect where comments are allowed.
jq_free_json_check() {
  "$PYTHON" - <<'PYTHON'
import sys
from pathlib import Path
sys.path.insert(0, "Resources/setup")
from orthanc_config import read_commented_json
for path in [Path("orthanc.json"), Path("CMakePresets.json"), Path("Docker/orthanc.json"), *Path("Resources").rglob("*.json")]:
    read_commented_json(path)
PYTHON
}

step_format() { Resources/format.sh --check; }

step_layers() { "$PYTHON" -m pytest -q -p no:cacheprovider --junitxml="$LOGS/layers.xml" UnitTests/Layering; }

step_build() { configure_and_build release all; }

step_links() {
  ensure_built
  UnitTests/Layering/check_links.sh "$BUILD/release"
}

# As many tests at once as there are processors, each with one thread: with more they wait for one another (2 processors: 359 s
# instead of 170). What needs PostgreSQL is the step `database`: one server, one test after the other.
step_unit() {
  ensure_built
  OMP_NUM_THREADS=1 ctest --preset release --parallel "$(nproc)" --exclude-regex PostgreSql --output-junit "$LOGS/unit.xml"
}

step_database() {
  ensure_built
  "$PYTHON" Resources/setup/postgresql_server.py "$BUILD/release/WorkStateTests" --gtest_filter='*PostgreSql*' \
    --gtest_output="xml:$LOGS/database.xml"
}

# The tree that cmake --install makes is one that a stock Orthanc can load, and the packaged service under systemd.
step_install() {
  ensure_built
  # Not local: the trap runs when the step's subshell ends, and knows no locals of a function by then.
  INSTALLED_TREE="$(mktemp -d)"
  trap 'rm -rf "$INSTALLED_TREE"' EXIT
  cmake --install "$BUILD/release" --prefix "$INSTALLED_TREE"
  H3K27M_INSTALLED="$INSTALLED_TREE" "$PYTHON" -m pytest -q -p no:cacheprovider --junitxml="$LOGS/install.xml" \
    UnitTests/Integration/test_installed_tree.py UnitTests/Integration/test_service.py
}

# Python tests beside a folder's unit tests (UnitTests/**/test_*.py), less those that need a running Orthanc.
step_python() {
  local status=0 slicer onnx
  ensure_built
  slicer="$(make_environment Resources/setup/requirements-slicer.txt)"
  onnx="$(make_environment Resources/setup/requirements-onnx.txt)"
  H3K27M_SLICER_PYTHON="$slicer/bin/python" H3K27M_ONNX_PYTHON="$onnx/bin/python" "$PYTHON" -m pytest -q \
    -p no:cacheprovider --junitxml="$LOGS/python.xml" --ignore=UnitTests/Integration --ignore=UnitTests/Layering \
    --ignore=UnitTests/Experiments UnitTests || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 5 ]   # 5: there is none
}

# Our CUDA kernels, and what calls them, compile on a machine without a GPU, with nvcc from pip.
step_cuda() {
  local compiler
  compiler="$(Resources/install-cuda-compiler.sh)"
  CUDACXX="$compiler/bin/nvcc" configure_and_build cuda h3k27m_cuda h3k27m_inference
}

step_integration() {
  ensure_built
  # The viewer comes from npm, and nothing else does: where it cannot be had, its test is skipped and says so.
  Resources/install-ohif.sh || echo "remark: OHIF skipped, it could not be fetched"
  [ -e ../shared/fixtures ] || echo "remark: real studies skipped, ../shared/fixtures is absent"
  local status=0 run=("$PYTHON" -m pytest -q -p no:cacheprovider --timeout=600 UnitTests/Integration
    --ignore=UnitTests/Integration/test_installed_tree.py --ignore=UnitTests/Integration/test_service.py)
  # Most of these tests' time is waiting, for a study to be stable or a lease to end: several files at once, each with
  # its own Orthanc. Those that judge time or memory come after them, by themselves.
  "${run[@]}" -m "not alone" --numprocesses="$(($(nproc) + 1))" --dist=loadfile --junitxml="$LOGS/integration.xml" || status=$?
  "${run[@]}" -m alone --junitxml="$LOGS/integration-alone.xml" || status=$?
  return "$status"
}

# The whole experiment at a reduced size: that it learns, and that it does not cheat.
step_experiment() {
  ensure_built
  "$PYTHON" -m pytest -q -s -p no:cacheprovider --timeout=3600 --junitxml="$LOGS/experiment.xml" UnitTests/Experiments
}

step_asan() {
  configure_and_build asan all
  OMP_NUM_THREADS=1 ctest --preset asan --parallel "$(nproc)" --output-junit "$LOGS/asan.xml"
}

step_tsan() {
  configure_and_build tsan all
  ctest --preset tsan --parallel "$(nproc)" --output-junit "$LOGS/tsan.xml"
}

# A minute for each reader of what strangers send; Resources/fuzz.sh alone gives each ten.
step_fuzz() { Resources/fuzz.sh 60; }

# What passed on this machine before is not looked at again.
step_tidy() {
  configure_and_build release all
  "$PYTHON" Resources/setup/tidy.py --build "$BUILD/release" --tool "$TOOLS/clang-tidy" --cache "$CACHE/tidy"
}

# The first: what the step `integration` does five times, a hundred times.
step_campaign() {
  ensure_built
  H3K27M_CAMPAIGN=1 "$PYTHON" -m pytest -q -p no:cacheprovider --timeout=3600 --junitxml="$LOGS/campaign.xml" \
    --numprocesses="$(($(nproc) + 1))" --dist=load UnitTests/Integration/test_crashes.py -k killed_again_and_again
  Resources/campaign.sh
  Resources/campaign.sh --orthancs 2 --kills 30 --studies 20
}
