#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Merges the configuration and becomes Orthanc. Options go to Orthanc (--verbose); another command is run instead
# (h3k27m --help). Objects are merged key by key, anything else is replaced; the later one wins:
#   /usr/local/share/h3k27m/orthanc.json   of the image
#   /etc/h3k27m/*.json                     of the user, in the order of their names
#   H3K27M_*                               of the environment, see below
set -euo pipefail
umask 077

RUN=/run/h3k27m
CONFIGURATION="$RUN/orthanc.json"

fail() {
  echo "error: $*" >&2
  exit 1
}

case "${1:-}" in
  ''|-*) ;;
  *) exec "$@" ;;
esac

# NAME, or the content of the file that NAME_FILE names (a secret of the container engine).
take_secret() {
  local file="$1_FILE" content
  if [ -n "${!file:-}" ]; then
    [ -z "${!1:-}" ] || fail "$1 and $file are both set"
    content="$(cat "${!file}")" || fail "$file is ${!file}, which the container's user $(id -u) cannot read"
    printf -v "$1" '%s' "$content"
  fi
  # Orthanc itself replaces ${NAME} in its configuration.
  case "${!1:-}" in *\$\{*) fail "$1 must not contain \${" ;; esac
  export "${1?}"
}

take_secret H3K27M_ADMIN_PASSWORD
take_secret H3K27M_POSTGRESQL_PASSWORD

# These become words of libpq's connection string.
for name in HOST PORT DATABASE USER; do
  name="H3K27M_POSTGRESQL_$name"
  [[ "${!name:-}" =~ ^[A-Za-z0-9._-]*$ ]] || fail "$name may hold letters, digits, '.', '_' and '-' only"
done

# Comments are Orthanc's own dialect; a string is kept as it is, because "//" may stand in one.
plain_json() {
  local file
  for file in "$@"; do
    perl -0777 -pe 's{("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/}{defined $1 ? $1 : " "}gse' "$file" |
      jq --compact-output 'if type == "object" then . else error("not an object") end' ||
      fail "$file is not the JSON object that it should be"
  done
}

shopt -s nullglob
FILES=(/usr/local/share/h3k27m/orthanc.json /etc/h3k27m/*.json)
PLAIN="$(plain_json "${FILES[@]}")"

HEALTHCHECK_PASSWORD="$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
export HEALTHCHECK_PASSWORD
MERGED="$(jq --slurp '
  def given($name; $otherwise): $ENV["H3K27M_" + $name] // "" | if . == "" then $otherwise else . end;
  reduce .[] as $file ({}; . * $file)
  | .H3K27M.Triage = given("TRIAGE"; .H3K27M.Triage)
  | .H3K27M.Device = given("DEVICE"; .H3K27M.Device // "auto")
  | given("ADMIN_USER"; "admin") as $user
  | given("ADMIN_PASSWORD"; null) as $password
  | if $password then .RegisteredUsers[$user] = $password | .H3K27M.Access.Roles[$user] = "administrator" else . end
  | if given("POSTGRESQL_HOST"; null) then
      { host: given("POSTGRESQL_HOST"; null), port: given("POSTGRESQL_PORT"; "5432"),
        dbname: given("POSTGRESQL_DATABASE"; "orthanc"), user: given("POSTGRESQL_USER"; "orthanc") } as $p
      | .PostgreSQL = { EnableIndex: true, EnableStorage: true, Lock: false } * (.PostgreSQL // {})
          * { Host: $p.host, Port: ($p.port | tonumber), Database: $p.dbname, Username: $p.user }
      | .H3K27M.WorkStore = "postgresql://" + ($p | to_entries | map("\(.key)=\(.value)") | join(" "))
    else . end
  | if .PostgreSQL then
      .Plugins = (.Plugins + ["Index", "Storage" | "/usr/share/orthanc/plugins/libOrthancPostgreSQL\(.).so"] | unique)
    else . end
  | if .AuthenticationEnabled then
      if (.RegisteredUsers // {}) == {} then error("no user") else . end
      | .RegisteredUsers.healthcheck = $ENV.HEALTHCHECK_PASSWORD
    else . end
  | if .AuthenticationEnabled or (.H3K27M.Access.UserHeader // "") != "" then
      .H3K27M.Access.Roles.healthcheck = "viewer"
    else . end' <<<"$PLAIN")" ||
  fail "no configuration: set H3K27M_ADMIN_PASSWORD (or _FILE), or name RegisteredUsers in a file of /etc/h3k27m"
printf '%s\n' "$MERGED" >"$CONFIGURATION" ||
  fail "the container's user $(id -u) cannot write $CONFIGURATION: a tmpfs at $RUN needs mode=1777"

{
  jq --raw-output '"url = \"http\(if .SslEnabled then "s" else "" end)://127.0.0.1:\(.HttpPort)/h3k27m/status\""' \
    "$CONFIGURATION"
  # Where a proxy names the user, the check does it itself.
  jq --raw-output '.H3K27M.Access.UserHeader // "" | select(. != "") | "header = \"\(.): healthcheck\""' "$CONFIGURATION"
  # The certificate is for the name that others use.
  echo insecure
  printf 'user = "healthcheck:%s"\n' "$HEALTHCHECK_PASSWORD"
} >"$RUN/healthcheck.curl"

# Orthanc's plugin and the work store both leave the password to libpq: the plugin would break at a space in it.
if [ -n "${H3K27M_POSTGRESQL_PASSWORD:-}" ]; then
  export PGPASSWORD="$H3K27M_POSTGRESQL_PASSWORD"
fi
unset H3K27M_ADMIN_PASSWORD H3K27M_POSTGRESQL_PASSWORD HEALTHCHECK_PASSWORD PLAIN MERGED
# Orthanc puts nothing in the place of a variable that is not set: a user would be let in with an empty password.
UNSET="$(jq --raw-output '[.. | strings | scan("\\$\\{([A-Za-z0-9_]+)\\}")[0] | select(($ENV[.] // "") == "")]
  | unique | join(", ")' "$CONFIGURATION")"
[ -z "$UNSET" ] || fail "the configuration names what the container's environment lacks or has empty: $UNSET"
[ "$(jq '.RegisteredUsers // {} | any(.[]; . == "")' "$CONFIGURATION")" = false ] ||
  fail "one of RegisteredUsers has an empty password"

mkdir -p /var/lib/h3k27m/db

# Orthanc takes this process's place: it gets the container's SIGTERM itself, and ends what it is at.
exec Orthanc "$@" "$CONFIGURATION"
