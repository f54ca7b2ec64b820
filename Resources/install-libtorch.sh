#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Fetches LibTorch: the C++ distribution inside PyTorch's pip wheel, every file pinned by its hash, into the cache folder.
# install-libtorch.sh [cpu|cuda]: the slim set for a machine without a GPU (default, 1.3 GB), or with the CUDA libraries
# (5.5 GB). Prints the folder. Does nothing when it is there, or when LIBTORCH_ROOT names another one.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

KIND="${1:-cpu}"
ROOT="$(libtorch_root "$KIND")"

# Without what the wheel asks for beside: that is 5 GB of CUDA libraries that the CPU half never loads.
fetch() { pip_into "$1" "$REPOSITORY/Resources/setup/requirements-libtorch$(libtorch_variant "$KIND")-$(python_tag).txt"; }

if [ -n "${LIBTORCH_ROOT:-}" ]; then
  [ -d "$LIBTORCH_ROOT" ] || fail "LIBTORCH_ROOT names $LIBTORCH_ROOT, which is not a folder"
elif [ ! -d "$ROOT" ]; then
  require_network_for LibTorch
  say "Fetching LibTorch ($KIND) into $ROOT"
  say "To undo: rm -r $ROOT"
  build_once "$(basename "$ROOT")" fetch
fi
printf '%s\n' "$ROOT"
