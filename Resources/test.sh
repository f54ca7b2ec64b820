#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# What CI runs and a developer runs at home.
#   test.sh            the quick tier: set-up, style, layers, build, unit tests, links, installed tree, end to end
#   test.sh --all      adds the long tier: sanitizers, clang-tidy over everything, fuzzing, kill campaign, experiment
#   test.sh --offline  fetches nothing: fails where the set-up lacks something
#   test.sh --only X   the set-up, the build where X needs it, and the one step X (see the names below)
# Needs no GPU; without ../shared the tests on real studies are skipped and say so. Logs: build/test-logs/.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"
STEP_FILE="$REPOSITORY/Resources/setup/test-steps.sh"

ALL="" ONLY=""
while [ $# -gt 0 ]; do
  case "$1" in
    --all) ALL=1; shift ;;
    --offline) export H3K27M_OFFLINE=1; shift ;;
    --only) ONLY="${2:?--only needs a step}"; shift 2 ;;
    *) fail "unknown option $1; see the top of $0" ;;
  esac
done

LOGS="$REPOSITORY/build/test-logs"
rm -rf "$LOGS"
mkdir -p "$LOGS"
cd "$REPOSITORY"

"$REPOSITORY/Resources/install-packages.sh" test
LIBTORCH_ROOT="$("$REPOSITORY/Resources/install-libtorch.sh" cpu)"
PYTHON="$(make_environment "$REPOSITORY/Resources/setup/requirements-test.txt")/bin/python"
TOOLS="$(make_environment "$REPOSITORY/Resources/setup/requirements-tools.txt")/bin"
export LIBTORCH_ROOT PYTHON TOOLS LOGS ONLY

QUICK=(scripts format layers build links unit database install python cuda integration)
LONG=(experiment asan tsan campaign fuzz tidy)
STEPS=("${QUICK[@]}")
[ -z "$ALL" ] || STEPS+=("${LONG[@]}")
[ -z "$ONLY" ] || STEPS=("$ONLY")

# What a passed step wants to say on the console: a line of its log that begins with "remark: ".
remark() { sed -n 's/^remark: / - /p' "$LOGS/$1.log" | head -n 1; }

FAILED=()
for step in "${STEPS[@]}"; do
  begin="$SECONDS"
  printf '%-12s ' "$step"
  if "$REPOSITORY/Resources/setup/run-step.sh" "$STEP_FILE" "$step" >"$LOGS/$step.log" 2>&1; then
    verdict=passed
  else
    verdict=FAILED
    FAILED+=("$step")
  fi
  printf '%s (%d s)%s\n' "$verdict" "$((SECONDS - begin))" "$(remark "$step")"
  [ "$verdict" = passed ] || tail -n 40 "$LOGS/$step.log" | sed 's/^/    /'
done

"$PYTHON" "$REPOSITORY/Resources/setup/summarise_tests.py" "$LOGS" --steps "${#STEPS[@]}" --failed "${FAILED[@]}"
