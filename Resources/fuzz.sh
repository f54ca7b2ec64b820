#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Feeds made-up input to every reader of what strangers send, under the address and undefined-behaviour sanitizers.
# fuzz.sh [SECONDS] [NAME...]: so long for each program of UnitTests/Fuzz (600), or for those named (Csv, Dicom, ...). What was
# found interesting is kept in the cache folder and is where the next call begins. A find ends the call: its input stays beside
# the log and belongs into UnitTests/Fuzz/Finds, which each call runs first.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

SECONDS_EACH="${1:-600}"
shift || true
case "$SECONDS_EACH" in *[!0-9]*|"") fail "fuzz.sh needs a number of seconds" ;; esac
"$REPOSITORY/Resources/install-packages.sh" fuzz
configure_and_build fuzz fuzzers
BUILD="$REPOSITORY/build/fuzz"
PYTHON="$(make_environment "$REPOSITORY/Resources/setup/requirements-test.txt")/bin/python"
SEEDS="$(mktemp -d)"
trap 'rm -rf "$SEEDS"' EXIT
"$PYTHON" "$REPOSITORY/UnitTests/Fuzz/make_seeds.py" "$SEEDS"

NAMES=("$@")
if [ "${#NAMES[@]}" -eq 0 ]; then
  mapfile -t NAMES < <(sed -n 's/^h3k27m_add_fuzzer(\([A-Za-z]*\) .*/\1/p' "$REPOSITORY/UnitTests/Fuzz/CMakeLists.txt")
fi

fuzz_one() {
  local name="$1" corpus="$CACHE/fuzz/$1" log="$BUILD/finds/$1.log" finds
  mkdir -p "$corpus" "$SEEDS/$name" "$BUILD/finds"
  finds=("$REPOSITORY/UnitTests/Fuzz/Finds/$name"/*)
  if [ -e "${finds[0]}" ]; then "$BUILD/${name}Fuzzer" "${finds[@]}" >"$log" 2>&1 || { tail -n 40 "$log"; fail "$name: an old find is back"; }; fi
  "$BUILD/${name}Fuzzer" -max_total_time="$SECONDS_EACH" -max_len=65536 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$BUILD/finds/$name-" "$corpus" "$SEEDS/$name" >"$log" 2>&1 ||
    { tail -n 60 "$log" >&2; fail "$name: see above; the input is $BUILD/finds/$name-*"; }
  printf '%-12s %s inputs, %s in the corpus\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
    "$(find "$corpus" -type f | wc -l)"
}
export -f fuzz_one fail say
export BUILD CACHE REPOSITORY SECONDS_EACH SEEDS

# As many side by side as there are processors: each runs on one. 255 has xargs begin no other.
printf '%s\n' "${NAMES[@]}" | xargs -P "$(nproc)" -I{} bash -euo pipefail -c '(fuzz_one {}) || exit 255'
