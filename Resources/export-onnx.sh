#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Writes a model as ONNX, for programs that have neither LibTorch nor this engine.
# export-onnx.sh MODEL OUTPUT: MODEL is a model's folder (card.json, model.safetensors), of an ensemble that of one of its
# networks. Fetches the Python packages onnx and onnxruntime into the cache folder. Research use only.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

[ $# -eq 2 ] || fail "export-onnx.sh MODEL OUTPUT"
PYTHON="$(make_environment "$REPOSITORY/Resources/setup/requirements-onnx.txt")/bin/python"
exec "$PYTHON" "$REPOSITORY/Resources/onnx/export_onnx.py" "$1" "$2"
