#!/bin/sh
# One database and one role per service, so that no service can read another's tables.
# PostgreSQL's image runs it once, when the cluster is new; PGHOST and so on are psql's.
#   TECHDOCK_SECRETS   folder with one password file per role
set -eu
export TECHDOCK_SECRETS
for service in registration matching reporting; do
  SERVICE=$service psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 \
    --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\set service `echo "$SERVICE"`
\set password `cat "$TECHDOCK_SECRETS/$SERVICE"`
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
