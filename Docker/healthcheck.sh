#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Whether this container does its work: the plugin answers, and its engine was not given up. An engine that is being
# restarted is no fault of the container: the plugin sees to it. entrypoint.sh wrote address and user into the file.
set -euo pipefail

STATUS="$(curl --silent --show-error --fail --max-time 8 --config /run/h3k27m/healthcheck.curl)"
STATE="$(jq --raw-output .engine.state <<<"$STATUS")"
echo "engine: $STATE"
case "$STATE" in
  ready|starting|waiting|stopped) ;;
  *) jq --raw-output '.engine.last_error // empty' <<<"$STATUS"; exit 1 ;;
esac
