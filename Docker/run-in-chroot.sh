#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Carries out the Dockerfile where there is no container engine: each stage in a chroot made by debootstrap, each RUN as
# it stands there. For `serve` it then starts the entry point as the image's user, as process 1, in a network of its
# own, on a tree that cannot be written to; asks the health check, sends a synthetic study and looks for its SEG and SR.
set -euo pipefail
source "$(dirname "$0")/../Resources/setup/common.sh"

usage() {
  cat <<'TEXT'
run-in-chroot.sh [--debian NAME] [--stage NAME] [--with-postgresql] [--build-arg NAME=VALUE] [--keep DIR]
  --debian NAME     bookworm (default) or trixie
  --stage NAME      serve (default) or test; other stages are built, and not started
  --with-postgresql two servers on one PostgreSQL too, of which one is killed (Debian's package postgresql)
  --build-arg N=V   as for a container engine
  --keep DIR        folder of the trees; what did not change is not made again. Default: a new one, removed at the end
Needs root, debootstrap and about 15 GB; the archive is the one that this machine's apt uses.
TEXT
}

DEBIAN=bookworm STAGE=serve KEEP="" OPTIONS=()
while [ $# -gt 0 ]; do
  case "$1" in
    --debian) DEBIAN="${2:?--debian needs a name}"; shift 2 ;;
    --stage) STAGE="${2:?--stage needs a name}"; shift 2 ;;
    --build-arg) OPTIONS+=(--build-arg "${2:?--build-arg needs NAME=VALUE}"); shift 2 ;;
    --with-postgresql) OPTIONS+=(--with-postgresql); shift ;;
    --keep) mkdir -p "${2:?--keep needs a folder}"; KEEP="$(realpath "$2")"; shift 2 ;;
    --help|-h) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
done
[ "$(id -u)" -eq 0 ] || fail "chroot and mounts need root"
for program in debootstrap unshare nsenter ip; do
  command -v "$program" >/dev/null || fail "$program is missing: apt-get install debootstrap util-linux iproute2"
done

if [ -n "$KEEP" ]; then
  FOLDER="$KEEP/$DEBIAN"
  mkdir -p "$FOLDER"
else
  FOLDER="$(mktemp -d -t h3k27m-chroot-XXXXXX)"
  trap 'rm -rf --one-file-system "$FOLDER"' EXIT
fi

# Mounts are seen by this one command only, and are gone with it however it ends.
unshare --mount --propagation private -- "$SYSTEM_PYTHON" "$REPOSITORY/Docker/run_in_chroot.py" \
  --stage "$STAGE" --build-arg "DEBIAN=$DEBIAN" "${OPTIONS[@]}" --folder "$FOLDER" --caches "$CACHE/docker"
