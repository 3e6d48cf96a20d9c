#!/usr/bin/env bash
# A first start: the database from db/, as `yoyo apply` makes it and marked as applied, so that a later release's
# `yoyo apply` or `./mas deploy` goes on from here.  `deployer` owns the database and is no superuser.
set -euo pipefail
db=/opt/hardware_mas/db
secrets=${MAS_SECRETS_DIR:-/run/secrets}

sql() { psql -qX -v ON_ERROR_STOP=1 --username postgres --dbname "$POSTGRES_DB" "$@"; }

count() { echo $#; }

# Set a role's password without its ever being in a statement: psql's \password asks twice and sends the verifier.
password_of() {
  printf '%s\n%s\n' "$2" "$2" | setsid psql -qX --username postgres --dbname "$POSTGRES_DB" -c "\\password $1" >/dev/null 2>&1
}

sql -f "$db/deployer.sql"
sql -c 'create extension pg_stat_statements schema public'

{
  echo 'set session authorization deployer; begin;'
  cat "$db/roles/01_roles.sql"
  # yoyo's own tables, second version
  cat <<'SQL'
create table public._yoyo_migration (migration_hash varchar(64) primary key, migration_id varchar(255), applied_at_utc timestamp);
create table public._yoyo_log (id varchar(36) primary key, migration_hash varchar(64), migration_id varchar(255), operation varchar(10),
  username varchar(255), hostname varchar(255), comment varchar(255), created_at_utc timestamp);
create table public._yoyo_version (version int primary key, installed_at_utc timestamp);
insert into public._yoyo_version select v, now() at time zone 'UTC' from generate_series(1, 2) v;
grant select on public._yoyo_migration to mas_owner;
set local role mas_owner;
SQL
  cat "$db"/schema/*.sql
  echo 'set local check_function_bodies = off;'
  cat "$db"/functions/*.sql "$db/roles/02_grants.sql"
  echo 'set local role none;'
  for file in "$db"/migrations/*.py; do
    id=$(basename "$file" .py)
    echo "insert into public._yoyo_migration values (encode(sha256(convert_to('$id', 'UTF8')), 'hex'), '$id', now() at time zone 'UTC');"
  done
  echo 'set local role mas_owner;'
  echo "do \$do\$ begin perform core.note_migrations('{$(cd "$db/migrations" && sha256sum 0*.* | awk '{printf "%s\"%s\": \"%s\"", (NR > 1 ? ", " : ""), $2, $1}')}'); end \$do\$;"
  echo 'set local role none; commit;'
} | sql
sql -f "$db/bootstrap.sql"

for role in deployer client_manager pcb_designer kicad pcb_tester terminal discord_bot admin monitor gateway scaler; do
  if [ -r "$secrets/$role" ]; then password_of "$role" "$(cat "$secrets/$role")"; fi
done

certificate
cat >>"$PGDATA/postgresql.conf" <<'CONF'
include '/etc/hardware_mas/postgresql.conf'
CONF
echo "hardware_mas: $(count "$db"/migrations/*.py) migrations, $(count "$db"/functions/*) functions"
