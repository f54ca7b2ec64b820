#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Makes the demonstration model anew, as the one in Resources/Models/phantom-demonstration was made: on phantoms alone, on
# small images first, then measured on phantoms that it has not seen.
# train-demonstration.sh FOLDER [--cpu]: writes FOLDER/phantom-demonstration and the model before it, on a GPU where there is
# one. On two cores, by the rates per batch that were seen: 56 to 79 minutes; on an NVIDIA H200, where a batch took 0.03 s: six.
# Research use only.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

FOLDER="${1:?train-demonstration.sh needs a folder to write to}"
case "${2:-}" in
  "") install_for_device ;;
  --cpu) install_for_device cpu ;;
  *) fail "unknown option $2" ;;
esac
mkdir -p "$FOLDER"
FOLDER="$(realpath "$FOLDER")"
configure_and_build release h3k27m
ENGINE="$REPOSITORY/build/release/h3k27m"

# The second run begins with the weights of the first, and sees phantoms that it has not seen. Slices without tumour are
# three, then four, of each batch of eight: a PACS sends whole heads.
"$ENGINE" train --output "$FOLDER/stage-64" --device "$DEVICE" --bf16 false --phantoms 500 --seed 1 --input-size 64 \
  --steps 4500 --tumour-free-share 0.375
"$ENGINE" train --output "$FOLDER/phantom-demonstration" --device "$DEVICE" --bf16 false --from "$FOLDER/stage-64" \
  --phantoms 1200 --seed 501 --input-size 128 --steps 4800 --rate 0.0015 --tumour-free-share 0.5
"$ENGINE" evaluate --model "$FOLDER/phantom-demonstration" --device "$DEVICE" --phantoms 125 --seed 3000001 \
  --update-card
