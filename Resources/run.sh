#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# From a fresh Debian 12 to a result: installs what is missing, builds (Release), starts an Orthanc of its own with the
# plugin, sends a study, prints the prediction, and keeps serving. The second start rebuilds nothing.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

usage() {
  cat <<'TEXT'
run.sh [--study DIR] [--port N] [--once] [--data DIR] [--ohif] [--gpu|--cpu]
  --study DIR  folder of DICOM files to send, with all folders in it; a synthetic study when none is named
  --port N     port of the REST interface on loopback; a free one when none is named
  --once       stop after the result; the last line is one JSON object
  --data DIR   folder of the PACS (index, images, work store); default: a new one, removed at the end
  --ohif       serve the OHIF viewer too (fetched once through npm, 50 MB); the dashboard then leads to it
  --gpu|--cpu  where the network runs; default: the GPU when nvidia-smi finds one
Exit code: 0 a result stands in the study, 3 the study was refused with a reason, 1 anything else.
The packaged Orthanc service (ports 8042 and 4242) is never touched. Research use only.
TEXT
}

STUDY="" PORT=0 ONCE="" DATA="" DEVICE="" OHIF=""
while [ $# -gt 0 ]; do
  case "$1" in
    --study) STUDY="$(realpath -e "${2:?--study needs a folder}")" || fail "there is no folder $2"; shift 2 ;;
    --port)  PORT="${2:?--port needs a number}"; shift 2 ;;
    --data)  mkdir -p "${2:?--data needs a folder}"; DATA="$(realpath "$2")"; shift 2 ;;
    --once)  ONCE=1; shift ;;
    --ohif)  OHIF=1; shift ;;
    --gpu)   DEVICE=cuda; shift ;;
    --cpu)   DEVICE=cpu; shift ;;
    --help|-h) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
done
case "$PORT" in 8042|4242) fail "port $PORT belongs to the packaged Orthanc service" ;; *[!0-9]*) fail "--port needs a number" ;; esac

BUILD="$REPOSITORY/build/release"
install_for_device "$DEVICE"
configure_and_build release OrthancH3K27M h3k27m
[ -z "$OHIF" ] || OHIF="$("$REPOSITORY/Resources/install-ohif.sh")"

if [ -z "$DATA" ]; then
  DATA="$(mktemp -d -t orthanc-h3k27m-XXXXXX)"
  TEMPORARY="$DATA"
fi
ORTHANC_PID=""

# Ends only the Orthanc that was started here, and removes only the folder that was made here.
clean_up() {
  if [ -n "$ORTHANC_PID" ]; then
    kill "$ORTHANC_PID" 2>/dev/null || true
    wait "$ORTHANC_PID" 2>/dev/null || true
  fi
  [ -z "${TEMPORARY:-}" ] || rm -rf "$TEMPORARY"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

mkdir -p "$DATA/db"
PORTS="$("$SYSTEM_PYTHON" "$REPOSITORY/Resources/setup/orthanc_config.py" --build "$BUILD" --data "$DATA" \
  --http-port "$PORT" --device "$DEVICE" ${OHIF:+--ohif "$OHIF"} --output "$DATA/orthanc.json")"
read -r PORT DICOM_PORT <<<"$PORTS"
say "Starting Orthanc: http://127.0.0.1:$PORT, DICOM port $DICOM_PORT, data in $DATA"
Orthanc --logfile="$DATA/orthanc.log" "$DATA/orthanc.json" &
ORTHANC_PID=$!

for _ in $(seq 150); do
  curl --silent --fail --output /dev/null "http://127.0.0.1:$PORT/system" && break
  if ! kill -0 "$ORTHANC_PID" 2>/dev/null; then
    tail -n 15 "$DATA/orthanc.log" >&2
    fail "Orthanc did not start; its last lines are above"
  fi
  sleep 0.2
done

STATUS=0
"$SYSTEM_PYTHON" "$REPOSITORY/Resources/setup/run_study.py" --url "http://127.0.0.1:$PORT" \
  ${STUDY:+--study "$STUDY"} ${ONCE:+--json} || STATUS=$?
if [ "$STATUS" -ne 0 ]; then
  grep -E '^[EW]' "$DATA/orthanc.log" | tail -n 15 >&2 || true
fi
[ -z "$ONCE" ] || exit "$STATUS"

say "Serving until Ctrl-C."
wait "$ORTHANC_PID"
