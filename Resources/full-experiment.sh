#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The paper's experiment with its numbers of patients and its size of images, on phantoms: 200 for development, 35 external;
# six models over five folds, with pre-training. Made for one machine with a GPU; Training/README.md says what came.
# full-experiment.sh ENGINE FOLDER [UNITS AT ONCE]: FOLDER gets data/ and run/; CONFIG may name a JSON file with keys of a run; by default
# examples/full-experiment.json, which an H100 works off in some 11 minutes.
# Research use only.
set -euo pipefail

ENGINE="$(realpath "${1:?full-experiment.sh needs the program h3k27m}")"
FOLDER="${2:?full-experiment.sh needs a folder to write to}"
AT_ONCE="${3:-8}"
DEVELOPMENT="${DEVELOPMENT:-200}" EXTERNAL="${EXTERNAL:-35}" MATRIX="${MATRIX:-256}" CONFIG="${CONFIG:-}"
[ -n "$CONFIG" ] || CONFIG="$(dirname "${BASH_SOURCE[0]}")/examples/full-experiment.json"
EXAMPLES="$(realpath "$(dirname "${BASH_SOURCE[0]}")/examples")"
THREADS=$(($(nproc) / AT_ONCE))
mkdir -p "$FOLDER"

if [ ! -e "$FOLDER/data/participants.tsv" ]; then
  # Whole or not at all: what was broken off is begun anew.
  rm -rf "$FOLDER/data.new"
  "$ENGINE" phantom --output "$FOLDER/data.new" --count $((DEVELOPMENT + EXTERNAL)) --seed 1 --tumour-free-share 0 \
    --maximum-matrix "$MATRIX"
  sed -i -e '1s/$/\tsplit/' -e "2,$((DEVELOPMENT + 1))s/\$/\tdevelopment/" -e "$((DEVELOPMENT + 2)),\$s/\$/\texternal/" \
    "$FOLDER/data.new/participants.tsv"
  mv "$FOLDER/data.new" "$FOLDER/data"
fi
exec "$EXAMPLES/ablate_on_one_machine.py" --engine "$ENGINE" --output "$FOLDER/run" --dataset "$FOLDER/data" \
  --config "$CONFIG" --at-once "$AT_ONCE" --threads $((THREADS > 0 ? THREADS : 1))
