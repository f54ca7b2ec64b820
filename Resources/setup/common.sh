# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash

# What the scripts in Resources/ share. Sourced, never run. Everything that is downloaded or made outside of the
# repository lies below one cache folder, so that it is undone by removing that folder.

REPOSITORY="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
CACHE="${H3K27M_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/orthanc-h3k27m}"
# The system's own interpreter: Debian's packages (python3-venv) belong to it, whatever else is on the PATH.
SYSTEM_PYTHON=/usr/bin/python3

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "error: $*"
  exit 1
}

# Whether a package registry may be asked: set by --offline.
require_network_for() {
  [ -z "${H3K27M_OFFLINE:-}" ] || fail "$1 is missing and --offline forbids fetching it; run once without --offline"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "this step needs root and sudo is not installed: $*"
  fi
}

# cp311 on Debian 12, cp313 on Debian 13: which wheels fit.
python_tag() { "$SYSTEM_PYTHON" -c 'import sys; print("cp%d%d" % sys.version_info[:2])'; }

# build_once NAME COMMAND...: runs COMMAND with a fresh folder as its last argument and moves that folder to
# $CACHE/NAME when it succeeded. A folder that exists is complete; two callers at once make it once.
build_once() {
  local name="$1" partial
  shift
  [ ! -d "$CACHE/$name" ] || return 0
  mkdir -p "$CACHE"
  exec 9>"$CACHE/.lock"
  flock 9
  if [ ! -d "$CACHE/$name" ]; then
    partial="$CACHE/.partial-$name"
    rm -rf "$partial"
    "$@" "$partial" || { rm -rf "$partial"; fail "could not make $CACHE/$name"; }
    mv "$partial" "$CACHE/$name"
  fi
  exec 9>&-
}

# pip_into FOLDER REQUIREMENTS: unpacks the pinned wheels there, without what they ask for beside.
pip_into() {
  local folder="$1" requirements="$2" environment="$1-pip" status=0
  rm -rf "$environment"
  "$SYSTEM_PYTHON" -m venv "$environment" >&2 || return 1
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes --no-deps \
    --only-binary=:all: --target "$folder" --requirement "$requirements" >&2 || status=1
  rm -rf "$environment"
  return "$status"
}

# A Python environment holds its own path in its scripts, so it is made in place and marked complete at the end.
# make_environment REQUIREMENTS: prints the folder; its name changes with the pinned versions.
make_environment() {
  local requirements="$1" name environment
  name="$(basename "$requirements" .txt)"
  environment="$CACHE/${name/requirements/python}-$(python_tag)-$(sha256sum "$requirements" | cut -c1-12)"
  if [ ! -e "$environment/.complete" ]; then
    require_network_for "the Python environment of $(basename "$requirements")"
    say "Making the Python environment $environment"
    rm -rf "$environment"
    mkdir -p "$CACHE"
    "$SYSTEM_PYTHON" -m venv "$environment" >&2
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
      --only-binary=:all: --requirement "$requirements" >&2 || fail "pip could not install $(basename "$requirements")"
    touch "$environment/.complete"
  fi
  printf '%s\n' "$environment"
}

libtorch_variant() { if [ "$1" = cuda ]; then printf -- '-cuda'; fi; }

# The folder with LibTorch: the caller's own (LIBTORCH_ROOT), else the one install-libtorch.sh makes.
libtorch_root() {
  if [ -n "${LIBTORCH_ROOT:-}" ]; then
    printf '%s\n' "$LIBTORCH_ROOT"
  else
    local tag requirements
    tag="$(python_tag)"
    requirements="$REPOSITORY/Resources/setup/requirements-libtorch$(libtorch_variant "${1:-cpu}")-$tag.txt"
    [ -e "$requirements" ] || fail "no pinned LibTorch for this Python ($tag); set LIBTORCH_ROOT to one of 2.6 or newer"
    printf '%s\n' "$CACHE/libtorch$(libtorch_variant "${1:-cpu}")-$tag-$(sha256sum "$requirements" | cut -c1-12)"
  fi
}

# install_for_device [cpu|cuda]: Debian's packages, LibTorch and, for a GPU, nvcc; without a word a GPU that nvidia-smi
# sees. Sets DEVICE, and what configure_and_build needs to know.
install_for_device() {
  DEVICE="${1:-}"
  if [ -z "$DEVICE" ]; then
    if nvidia-smi -L >/dev/null 2>&1; then DEVICE=cuda; else DEVICE=cpu; fi
  fi
  export LIBTORCH_KIND="$DEVICE"
  "$REPOSITORY/Resources/install-packages.sh" run
  "$REPOSITORY/Resources/install-libtorch.sh" "$LIBTORCH_KIND" >/dev/null
  if [ "$DEVICE" = cuda ]; then
    CUDACXX="$("$REPOSITORY/Resources/install-cuda-compiler.sh")/bin/nvcc"
    export CUDACXX
  fi
}

# configure_and_build PRESET TARGET...: configures once, then only builds; ninja itself sees what is out of date.
# Another LibTorch than last time means a fresh configuration: CMake would keep the libraries that it found.
configure_and_build() {
  local preset="$1" build="$REPOSITORY/build/$1" fresh=""
  shift
  LIBTORCH_ROOT="$(libtorch_root "${LIBTORCH_KIND:-cpu}")"
  export LIBTORCH_ROOT
  if command -v ccache >/dev/null; then
    # time_macros and pch_defines: without them ccache does not keep what was compiled with a precompiled header.
    # Paths relative to the repository: another clone finds what this one compiled.
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_SLOPPINESS=pch_defines,time_macros
    export CCACHE_BASEDIR="$REPOSITORY" CCACHE_NOHASHDIR=1
  fi
  cd "$REPOSITORY" || fail "no $REPOSITORY"
  if [ -e "$build/CMakeCache.txt" ] && ! grep -qxF "LIBTORCH_ROOT:PATH=$LIBTORCH_ROOT" "$build/CMakeCache.txt"; then
    fresh=--fresh
  fi
  if [ -n "$fresh" ] || [ ! -e "$build/build.ninja" ]; then
    cmake --preset "$preset" ${fresh:+"$fresh"} >&2 || fail "cmake could not configure the preset $preset"
  fi
  cmake --build "$build" --parallel "$(build_jobs)" --target "$@" >&2 || fail "the build of $preset failed"
}

# LibTorch's headers need about 1.5 GB a compiler: memory, not only cores, bounds how many run at once.
build_jobs() {
  local cores gigabytes
  cores="$(nproc)"
  gigabytes="$(awk '/MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)"
  awk -v c="$cores" -v g="$gigabytes" 'BEGIN { j = int(g / 1.5); if (j > c) j = c; if (j < 1) j = 1; print j }'
}
