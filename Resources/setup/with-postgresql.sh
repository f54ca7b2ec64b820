#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# with-postgresql.sh COMMAND...: runs COMMAND while a throw-away PostgreSQL server listens on a free port of loopback;
# H3K27M_TEST_POSTGRESQL names it. The server and its folder are gone afterwards; a server that runs on this machine
# already is not touched.
set -euo pipefail
source "$(dirname "$0")/common.sh"

BINARIES="$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)"
[ -n "$BINARIES" ] || fail "PostgreSQL is not installed: Resources/install-packages.sh test"

FOLDER="$(mktemp -d -t h3k27m-postgresql-XXXXXX)"
# PostgreSQL refuses to run as root.
as_owner() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" -ne 0 ] || chown postgres "$FOLDER"

clean_up() {
  as_owner "$BINARIES/pg_ctl" -D "$FOLDER/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$FOLDER"
}
trap clean_up EXIT

PORT="$("$SYSTEM_PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
cd "$FOLDER"
as_owner "$BINARIES/initdb" -D "$FOLDER/data" --auth=trust --username=h3k27m --no-sync >"$FOLDER/log" ||
  { cat "$FOLDER/log" >&2; fail "initdb failed"; }
as_owner "$BINARIES/pg_ctl" -D "$FOLDER/data" -w -l "$FOLDER/data/server.log" \
  -o "-c listen_addresses=127.0.0.1 -c port=$PORT -c unix_socket_directories=''" start >/dev/null ||
  { cat "$FOLDER/data/server.log" >&2; fail "PostgreSQL did not start"; }
cd "$OLDPWD"

export H3K27M_TEST_POSTGRESQL="postgresql://h3k27m@127.0.0.1:$PORT/postgres"
"$@"
