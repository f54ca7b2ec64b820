#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
# The paper's experiment as Slurm arrays: encoders first, then the models, then the report. Submit with
#   DATASET=/data/bids RUN=/data/runs/ablation ENGINE=/usr/local/bin/h3k27m Resources/examples/ablation-slurm.sh
# All machines must see the folders. CONFIG names a JSON file with keys of the run, where the presets do not fit; FOLDS
# must say what it says. Research use only.
set -euo pipefail
: "${DATASET:?the BIDS folder}" "${RUN:?the folder of the run}" "${ENGINE:=h3k27m}" "${CONFIG:=}" "${FOLDS:=5}"

submit() {
  local name="$1" first="$2" last="$3" after="$4"
  sbatch --parsable --job-name="h3k27m-$name" --array="$first-$last" ${after:+--dependency="afterok:$after"} \
    --cpus-per-task=4 --output="$RUN-$name-%a.log" --wrap \
    "'$ENGINE' ablate --output '$RUN' --dataset '$DATASET' ${CONFIG:+--config '$CONFIG'} --threads 4 --unit \$SLURM_ARRAY_TASK_ID"
}

# One process makes the folder, so that the others find it whole.
"$ENGINE" ablate --output "$RUN" --dataset "$DATASET" ${CONFIG:+--config "$CONFIG"} --list-units
encoders="$(submit encoders 0 "$((FOLDS - 1))" "")"
models="$(submit models "$FOLDS" "$((7 * FOLDS - 1))" "$encoders")"
sbatch --job-name=h3k27m-merge --dependency="afterok:$models" --cpus-per-task=4 --output="$RUN-merge.log" --wrap \
  "'$ENGINE' merge --output '$RUN' --dataset '$DATASET'"
