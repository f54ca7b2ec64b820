#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# format.sh [--check] [FILE...]: rewrites the C++ sources (all, or those named) in the house style; with --check it only
# says which are not in it and exits 1.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

MODE=(-i)
if [ "${1:-}" = --check ]; then
  MODE=(--dry-run --Werror)
  shift
fi
CLANG_FORMAT="$(make_environment "$REPOSITORY/Resources/setup/requirements-tools.txt")/bin/clang-format"
cd "$REPOSITORY"
if [ $# -eq 0 ]; then
  mapfile -t FILES < <(find Inference Plugin Training UnitTests -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh')
else
  FILES=("$@")
fi
"$CLANG_FORMAT" "${MODE[@]}" "${FILES[@]}"
