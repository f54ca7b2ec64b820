#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# check_links.sh BUILD: the link tables hold the law that the PACS never loads LibTorch and the engine never loads
# Orthanc, DCMTK or SOCI; and the plugin exports the four entry points of a plugin and nothing else.
set -euo pipefail

BUILD="$1"
PLUGIN="$BUILD/libOrthancH3K27M.so"
ENGINE="$BUILD/h3k27m"
FAULTS=0

fault() {
  echo "$*"
  FAULTS=$((FAULTS + 1))
}

# Direct and transitive libraries by name.
libraries_of() { { objdump -p "$1" | awk '/NEEDED/ { print $2 }'; ldd "$1" | awk '{ print $1 }'; } | sort -u; }

for binary in "$PLUGIN" "$ENGINE"; do
  [ -e "$binary" ] || { echo "$binary does not exist"; exit 1; }
done

# grep without -q: it reads to the end, so that a broken pipe is no failure under pipefail.
if FOUND="$(libraries_of "$PLUGIN" | grep -E '^lib(torch|c10|cudart|cupti|nccl)')"; then
  fault "the plugin links LibTorch or CUDA: ${FOUND//$'\n'/ }"
fi
if FOUND="$(libraries_of "$ENGINE" | grep -iE '^lib(orthanc|dcm|oflog|ofstd|soci)')"; then
  fault "the engine links Orthanc, DCMTK or SOCI: ${FOUND//$'\n'/ }"
fi
if FOUND="$(libraries_of "$PLUGIN" | grep -E '^libsoci_(mysql|odbc|firebird)')"; then
  fault "the plugin links database back ends that are not shipped: ${FOUND//$'\n'/ }"
fi

WANTED="OrthancPluginFinalize OrthancPluginGetName OrthancPluginGetVersion OrthancPluginInitialize"
EXPORTED="$(nm -D --defined-only "$PLUGIN" | awk '{ sub(/@.*/, "", $3); print $3 }' | grep -vE '^ORTHANC_' | LC_ALL=C sort | xargs)"
[ "$EXPORTED" = "$WANTED" ] || fault "the plugin exports: $EXPORTED"

[ "$FAULTS" -eq 0 ]
