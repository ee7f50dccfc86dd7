#!/bin/sh
# As the image of PostgreSQL: becomes the user postgres, makes the data directory at the first start, then runs what it is told, or the server.
set -eu
if [ "$(id -u)" = 0 ]; then # a volume may be anybody's
  chown 999:999 /var/lib/postgresql
  exec setpriv --reuid 999 --regid 999 --clear-groups "$0" "$@"
fi
PGDATA=${PGDATA:-/var/lib/postgresql/18/docker}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  umask 077
  mkdir -p "$PGDATA"
  password=${POSTGRES_PASSWORD_FILE:-/var/run/postgresql/password}
  [ -n "${POSTGRES_PASSWORD_FILE:-}" ] || printf %s "$POSTGRES_PASSWORD" >"$password"
  initdb -D "$PGDATA" -U postgres --auth-local=trust --auth-host=scram-sha-256 --pwfile="$password" --encoding=UTF8 \
    --locale=C.UTF-8 --locale-provider=builtin --builtin-locale=C.UTF-8 --no-instructions
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
[ "${1:-}" != postgres ] || shift
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql "$@"
