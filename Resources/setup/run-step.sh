#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# run-step.sh FILE STEP: sources FILE, and runs its function step_STEP; fails at its first command that fails.
# A process of its own: in a subshell that an `if` or `||` waits for, bash takes no notice of -e, and a step would be
# judged by its last command alone.
set -euo pipefail
source "$(dirname "$0")/common.sh"
# shellcheck source=/dev/null
source "$1"
"step_$2"
