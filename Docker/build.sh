#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# build.sh cpu|cuda: a step of the Dockerfile. Builds plugin and engine, and puts into /out what an image that serves
# needs: tree/ (our files and LibTorch's libraries, each where it will lie) and packages.txt (Debian's packages with the
# libraries that these link).
set -euo pipefail
source "$(dirname "$0")/../Resources/setup/common.sh"

OUT=/out
PRESET=release
[ "${1:?cpu or cuda}" = cpu ] || PRESET=cuda

install_for_device "$1"
configure_and_build "$PRESET" OrthancH3K27M h3k27m
DESTDIR="$OUT/tree" cmake --install "$REPOSITORY/build/$PRESET" --prefix /usr/local --strip

ENGINE="$OUT/tree/usr/local/bin/h3k27m"
PLUGIN="$(find "$OUT/tree" -name libOrthancH3K27M.so)"
libraries_of() { ldd "$@" | awk '$2 == "=>" { print $3 }' | sort -u; }

# One copy of each library, at the path that the engine's RPATH names, without the symbols that only debuggers read.
copy_library() {
  install -D --mode=0644 "$1" "$OUT/tree$1"
  strip --strip-unneeded "$OUT/tree$1" || fail "could not strip $1"
}

if [ "$1" = cuda ]; then
  # The CUDA half is loaded by name at run time and loads others in turn: all of them, as they came.
  while read -r library; do
    install -D --mode=0644 "$library" "$OUT/tree$library"
  done < <(find "$LIBTORCH_ROOT/torch/lib" "$LIBTORCH_ROOT/nvidia" -name '*.so*' ! -name 'libtorch_python*' -type f)
else
  while read -r library; do
    copy_library "$library"
  done < <(libraries_of "$ENGINE" | grep "^$LIBTORCH_ROOT/")
fi

# The licences of what was copied.
for licence in "$LIBTORCH_ROOT"/*.dist-info; do
  mkdir -p "$OUT/tree/usr/local/share/doc/libtorch"
  cp -r "$licence" "$OUT/tree/usr/local/share/doc/libtorch/"
  rm -f "$OUT/tree/usr/local/share/doc/libtorch/$(basename "$licence")/RECORD"
done

# A library is known to dpkg by the path that it was packed at: with or without /usr.
libraries_of "$ENGINE" "$PLUGIN" | grep -v "^$H3K27M_CACHE/" | while read -r library; do
  real="$(realpath "$library")"
  dpkg-query --search "$real" 2>/dev/null || dpkg-query --search "${real#/usr}" 2>/dev/null ||
    fail "no package has $library"
done | sed 's/:.*//' | sort -u > "$OUT/packages.txt"

say "Packages that the products link:"
say "$(cat "$OUT/packages.txt")"
