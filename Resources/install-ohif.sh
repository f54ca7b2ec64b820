#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Fetches the OHIF viewer (MIT licence): the ready build inside its npm package, pinned by version and hash, into the
# cache folder, made fit to be served below /ohif/ by Orthanc. Prints the folder. Does nothing when it is there.
set -euo pipefail
source "$(dirname "$0")/setup/common.sh"

PACKAGE="@ohif/app@3.13.2"
# As `npm view @ohif/app@3.13.2 dist.integrity` says.
INTEGRITY="sha512-WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA=="
SETTINGS="$REPOSITORY/Resources/ohif/app-config.js"
# Another version, another way of making it fit, or other settings: another folder.
NAME="ohif-$(cat "$0" "$SETTINGS" | sha256sum | cut -c1-12)"

# The build assumes that it stands at the root of its server: it is moved below /ohif/.
move_below_ohif() {
  local dist="$1"
  sed -i 's|__webpack_require__\.p = "/";|__webpack_require__.p = "/ohif/";|' "$dist"/*.js
  sed -i -e 's|<script [^>]*init-service-worker[^>]*></script>||' -e 's|="/|="/ohif/|g' "$dist/index.html"
  sed -i 's|"/assets/|"/ohif/assets/|g' "$dist/manifest.json"
  sed -i 's|url(/|url(/ohif/|g' "$dist"/*.css
  grep -q 'PUBLIC_URL="/ohif/"' "$dist/index.html" || return 1
  grep -q '__webpack_require__\.p = "/ohif/";' "$dist"/app.bundle.*.js
}

# $1: the folder to make; beside it, one for the archive, so that nothing is left in npm's own cache.
fetch() {
  local folder="$1" scratch="$1-npm" status=0
  rm -rf "$scratch"
  mkdir -p "$scratch"
  fetch_into "$folder" "$scratch" || status=1
  rm -rf "$scratch"
  return "$status"
}

fetch_into() {
  local folder="$1" scratch="$2" archive found
  npm_config_cache="$scratch/cache" npm_config_update_notifier=false \
    npm pack --silent --pack-destination "$scratch" "$PACKAGE" >&2 || return 1
  archive="$(find "$scratch" -maxdepth 1 -name '*.tgz')"
  found="sha512-$(openssl dgst -sha512 -binary "$archive" | base64 -w0)"
  if [ "$found" != "$INTEGRITY" ]; then
    say "$PACKAGE is not what was pinned: $found"
    return 1
  fi
  tar -xzf "$archive" -C "$scratch" || return 1
  # Of no use here, and three quarters of the size: models of a segmentation tool, a viewer of whole slides. What speaks
  # to other servers goes as well.
  rm -rf "$scratch"/package/dist/{ort,dicom-microscopy-viewer,sw.js,init-service-worker.js,google.js,oidc-client.min.js}
  move_below_ohif "$scratch/package/dist" || return 1
  # Orthanc serves files, it does not rewrite addresses: the address of a study, /ohif/viewer, is a file too.
  cp "$scratch/package/dist/index.html" "$scratch/package/dist/viewer" || return 1
  cp "$SETTINGS" "$scratch/package/dist/app-config.js" || return 1
  cp "$scratch/package/LICENSE" "$scratch/package/dist/" || return 1
  mv "$scratch/package/dist" "$folder"
}

if [ ! -d "$CACHE/$NAME" ]; then
  require_network_for "the OHIF viewer"
  command -v npm >/dev/null || "$REPOSITORY/Resources/install-packages.sh" ohif
  say "Fetching $PACKAGE into $CACHE/$NAME"
  say "To undo: rm -r $CACHE/$NAME"
  build_once "$NAME" fetch
fi
printf '%s\n' "$CACHE/$NAME"
