#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
# One training over two machines of Slurm, one process for each of their GPUs. Submit with
#   DATASET=/data/bids MODEL=/data/models/large ENGINE=/usr/local/bin/h3k27m sbatch Resources/examples/train-slurm.sh
# Both machines must see the folders. Submitted again after a stop it goes on from the last checkpoint. The processes
# talk TCP without a password: for a cluster's own network. Research use only.
#SBATCH --job-name=h3k27m-train
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=8
#SBATCH --kill-on-bad-exit=1
set -euo pipefail
: "${DATASET:?the BIDS folder}" "${MODEL:?the model folder to write}" "${ENGINE:=h3k27m}" "${CONFIG:=}"

MASTER_ADDR="$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)"
MASTER_PORT=$((20000 + SLURM_JOB_ID % 20000)) # two jobs on one machine do not meet
export DATASET MODEL ENGINE CONFIG MASTER_ADDR MASTER_PORT
# Named once more: since Slurm 22.05 srun does not take it from the job, and each task would have one core.
# shellcheck disable=SC2016  # each task has its own numbers
srun --cpus-per-task="$SLURM_CPUS_PER_TASK" bash -c '
  RANK=$SLURM_PROCID LOCAL_RANK=$SLURM_LOCALID WORLD_SIZE=$SLURM_NTASKS exec "$ENGINE" train \
  --output "$MODEL" --dataset "$DATASET" ${CONFIG:+--config "$CONFIG"} --threads "$SLURM_CPUS_PER_TASK" --resume'
