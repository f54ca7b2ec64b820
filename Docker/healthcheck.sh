#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Whether this container does its work: the plugin answers, and its engine was not given up. An engine that is being
# restarted is no fault of the container: the plugin sees to it. Nor is a database that went away meanwhile: a new
# container would lack it too. entrypoint.sh wrote address and user into the file.
set -euo pipefail

ANSWER="$(curl --silent --show-error --max-time 8 --write-out '\n%{http_code}' --config /run/h3k27m/healthcheck.curl)"
CODE="${ANSWER##*$'\n'}" STATUS="${ANSWER%$'\n'*}"
if [ "$CODE" != 200 ]; then
  MESSAGE="$(jq --raw-output '.Message // empty' <<<"$STATUS" 2>/dev/null || true)"
  echo "GET status answers $CODE: $MESSAGE"
  # Plugin/Runtime.cpp has the words of a plugin that has not started, or could not.
  case "$CODE $MESSAGE" in
    "503 the plugin "*|"503 Orthanc is "*) exit 1 ;;
    "503 "?*) exit 0 ;;
    *) exit 1 ;;
  esac
fi
STATE="$(jq --raw-output .engine.state <<<"$STATUS")"
echo "engine: $STATE"
case "$STATE" in
  ready|starting|waiting|stopped) ;;
  *) jq --raw-output '.engine.last_error // empty' <<<"$STATUS"; exit 1 ;;
esac
