#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Fetches nvcc and the CUDA headers from pip, pinned with hashes, so that Inference/Cuda compiles on a machine without
# the CUDA Toolkit and without a GPU. Prints the toolkit's folder. Does nothing when CUDACXX names a compiler.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

REQUIREMENTS="$REPOSITORY/Resources/setup/requirements-cuda-compiler.txt"
NAME="cuda-compiler-$(sha256sum "$REQUIREMENTS" | cut -c1-12)"

fetch() {
  local folder="$1"
  pip_into "$folder" "$REQUIREMENTS" || return 1
  # The wheels carry libcudart.so.13 only; the linker asks for libcudart.so.
  ln -s libcudart.so.13 "$folder/nvidia/cu13/lib/libcudart.so"
}

if [ -n "${CUDACXX:-}" ]; then
  dirname "$(dirname "$CUDACXX")"
  exit 0
fi
if [ ! -d "$CACHE/$NAME" ]; then
  require_network_for nvcc
  say "Fetching nvcc into $CACHE/$NAME"
  build_once "$NAME" fetch
fi
printf '%s\n' "$CACHE/$NAME/nvidia/cu13"
