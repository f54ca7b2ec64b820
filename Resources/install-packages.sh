#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Installs the Debian packages that are missing (Resources/setup/debian-packages.txt says which and why).
# install-packages.sh [run|test|fuzz|ohif|peer]: what run.sh needs (default), and what test.sh, fuzz.sh, install-ohif.sh or
# bench.sh --peer needs as well.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

PURPOSE="${1:-run}"
LIST="$REPOSITORY/Resources/setup/debian-packages.txt"
UNDO="$CACHE/installed-packages.txt"

command -v dpkg-query >/dev/null || fail "this script knows Debian 12 and 13 only; install what $LIST names by hand"

mapfile -t WANTED < <(awk -v purpose="$PURPOSE" '/^[a-z]/ && ($2 == "run" || $2 == purpose) { print $1 }' "$LIST")
MISSING=()
for package in "${WANTED[@]}"; do
  status="$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)"
  [ "$status" = installed ] || MISSING+=("$package")
done
[ "${#MISSING[@]}" -gt 0 ] || exit 0

# Debian's triggers restart its service when one of these plugins of Orthanc is installed (orthanc-dev has no trigger); when
# that may be is the administrator's to say, unless the service came with a package that this script installed.
if ! grep -qx orthanc "$UNDO" 2>/dev/null && command -v systemctl >/dev/null && systemctl --quiet is-active orthanc; then
  for package in "${MISSING[@]}"; do
    case "$package" in
      orthanc-dicomweb|orthanc-gdcm|orthanc-postgresql)
        fail "an Orthanc service runs on this machine, and installing $package would restart it; install it yourself when that is \
right (apt-get install $package), or stop the service first (systemctl disable --now orthanc)" ;;
    esac
  done
fi

require_network_for "the packages ${MISSING[*]}"
say "Installing ${#MISSING[@]} Debian packages (apt-get, as root):"
for package in "${MISSING[@]}"; do
  say "  $(awk -v p="$package" '$1 == p { $2 = "-"; print }' "$LIST")"
done
say "To undo: apt-get purge \$(cat $UNDO) && apt-get autoremove"
case " ${MISSING[*]} " in
  *" orthanc "*) say "Debian starts its own Orthanc service (ports 8042 and 4242) with that package; to stop it: systemctl disable --now orthanc" ;;
esac

# A machine that has just started may be upgrading itself: apt waits for the packages' lock when told to, never for the lists'.
update_lists() {
  local tries=6
  until as_root apt-get update -qq >"$CACHE/apt.log" 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    say "apt-get update failed, once more in 20 s: $(tail -n 1 "$CACHE/apt.log")"
    sleep 20
  done
}

mkdir -p "$CACHE"
update_lists || { tail -n 20 "$CACHE/apt.log" >&2; fail "apt-get update failed"; }
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=600 \
  "${MISSING[@]}" >>"$CACHE/apt.log" 2>&1 || { tail -n 20 "$CACHE/apt.log" >&2; fail "apt-get install failed; all of it: $CACHE/apt.log"; }
printf '%s\n' "${MISSING[@]}" >> "$UNDO"
