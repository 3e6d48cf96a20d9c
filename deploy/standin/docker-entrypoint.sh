#!/usr/bin/env bash
# What the official image does at a start, as far as container_psql relies on it: an empty data folder gets a cluster,
# a superuser with a password, a database, and the scripts of /docker-entrypoint-initdb.d; then the server runs.
set -euo pipefail

# NAME or the file that NAME_FILE names.
secret() {
  local name=$1 file=${1}_FILE
  if [ -n "${!file:-}" ]; then cat "${!file}"; else printf %s "${!name:-}"; fi
}

if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
if [ "$1" != postgres ]; then exec "$@"; fi
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" && chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=${POSTGRES_USER:-postgres} password=$(secret POSTGRES_PASSWORD)
  [ -n "$password" ] || { echo 'set POSTGRES_PASSWORD_FILE (or POSTGRES_PASSWORD)' >&2; exit 1; }
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA"
  # shellcheck disable=SC2086  # words
  initdb --username="$user" --pwfile=<(printf '%s\n' "$password") ${POSTGRES_INITDB_ARGS:-}
  pg_ctl -D "$PGDATA" -o "$(printf '%q ' "${@:2}" -c listen_addresses=)" -w start
  database=${POSTGRES_DB:-$user}
  export PGPASSWORD=$password
  psql=(psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$user")
  [ "$database" = postgres ] || "${psql[@]}" --dbname postgres -c "create database \"$database\""
  for file in /docker-entrypoint-initdb.d/*; do
    # shellcheck source=/dev/null
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) "${psql[@]}" --dbname "$database" -f "$file" ;;
    esac
  done
  unset PGPASSWORD
  pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec "$@"
