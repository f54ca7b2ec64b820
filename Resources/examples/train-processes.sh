#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
# One training in several processes of this machine, one for each GPU (or a share of the processor cores each):
#   PROCESSES=4 ENGINE=/usr/local/bin/h3k27m Resources/examples/train-processes.sh --output MODEL --dataset BIDS
# All options go to `h3k27m train`; the batch of the configuration is divided among the processes. When one ends with an
# error, the others follow by themselves; start again with --resume. `torchrun --no-python` starts it as well: the
# variables are the same. Research use only.
set -euo pipefail
: "${PROCESSES:=2}" "${ENGINE:=h3k27m}" "${MASTER_PORT:=29500}"
export WORLD_SIZE="$PROCESSES" MASTER_ADDR=127.0.0.1 MASTER_PORT
threads=$(($(nproc) / PROCESSES))

started=()
# Ctrl-C, or an end from outside, ends the trainings too: a shell starts them deaf to Ctrl-C.
trap 'kill $(jobs -p) 2>/dev/null || true; wait; exit 130' INT TERM
for ((rank = 0; rank < PROCESSES; rank++)); do
  RANK="$rank" LOCAL_RANK="$rank" "$ENGINE" train --threads "$((threads > 0 ? threads : 1))" "$@" &
  started+=("$!")
done
status=0
for process in "${started[@]}"; do
  wait "$process" || status=$?
done
exit "$status"
