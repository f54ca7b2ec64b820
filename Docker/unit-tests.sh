#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# A step of the Dockerfile (stage test): builds all that build.sh left out, holds the link tables to their law, and runs
# the unit tests, those of the work store on a throw-away PostgreSQL too.
set -euo pipefail
source "$(dirname "$0")/../Resources/setup/common.sh"

install_for_device cpu
configure_and_build release all
UnitTests/Layering/check_links.sh build/release
ctest --preset release --parallel "$(nproc)" --exclude-regex PostgreSql
python3 Resources/setup/postgresql_server.py build/release/WorkStateTests --gtest_filter='*PostgreSql*'
