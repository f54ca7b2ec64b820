#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# What can only be known on a machine with an NVIDIA GPU, which CI has not: that the kernels and the training agree with the
# CPU, and how fast both are beside PyTorch.
# check-gpu.sh BUILD OUTPUT [PYTHON]: BUILD holds the tree built with CUDA (cmake --preset cuda; LIBTORCH_ROOT as
# install-libtorch.sh cuda prints it), OUTPUT receives the logs, PYTHON has torch, numpy and safetensors for the peer.
# Goes on after a failure; ends with the number of checks that failed.
set -uo pipefail

BUILD="${1:?check-gpu.sh needs the build folder}"
OUTPUT="${2:?check-gpu.sh needs a folder for its logs}"
PYTHON="${3:-python3}"
RESOURCES="$(dirname "${BASH_SOURCE[0]}")"
MODEL="${MODEL:-$RESOURCES/Models/phantom-demonstration}"
mkdir -p "$OUTPUT"
FAILED=0

# check NAME COMMAND...: its output goes to a log, its last line to the console.
check() {
  local name="$1" begin="$SECONDS"
  shift
  if "$@" >"$OUTPUT/$name.log" 2>&1; then
    printf '%-28s passed (%d s) ' "$name" "$((SECONDS - begin))"
  else
    printf '%-28s FAILED (%d s) ' "$name" "$((SECONDS - begin))"
    FAILED=$((FAILED + 1))
  fi
  tail -n 1 "$OUTPUT/$name.log" | cut -c1-1500
}

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader || FAILED=$((FAILED + 1))
check tests-inference "$BUILD/InferenceTests" --gtest_filter='TorchBackend.*:StudyPredictor.*' --gtest_brief=1
check tests-training "$BUILD/TrainingTests" --gtest_filter='DeviceTraining.*:BatchPrefetcher.*:TorchDevice.*:CrossValidation*:Ablation*'
check info "$BUILD/h3k27m" info --model "$MODEL" --device cuda
check compare-devices "$PYTHON" "$RESOURCES/peers/compare_devices.py" --engine "$BUILD/h3k27m" --model "$MODEL"
for precision in fp32 bf16 fp16; do
  check "bench-$precision" "$BUILD/h3k27m" bench --device cuda --precision "$precision" --repeat 20 --json
done
check bench-batch-128 "$BUILD/h3k27m" bench --device cuda --precision bf16 --batch-size 128 --slices 128 --repeat 20 --json
check training-fp32 "$BUILD/h3k27m" bench-training --device cuda --repeat 20
check training-bf16 "$BUILD/h3k27m" bench-training --device cuda --precision bf16 --repeat 20
check training-bf16-32 "$BUILD/h3k27m" bench-training --device cuda --precision bf16 --batch-size 32 --repeat 20
check pytorch "$PYTHON" "$RESOURCES/peers/pytorch_network.py" --device cuda --repeat 20
exit "$FAILED"
