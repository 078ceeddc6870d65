#!/bin/sh
# A database and a role for each service, which sees no other's.
set -eu
for service in identity profile files chat ingest rag; do
  password=$(printenv "$(echo "$service" | tr a-z A-Z)_DATABASE_PASSWORD")
  psql -v ON_ERROR_STOP=1 -U postgres -v service="$service" -v password="$password" <<'SQL'
create role :"service" login password :'password';
create database :"service" owner :"service";
revoke all on database :"service" from public;
SQL
done
psql -v ON_ERROR_STOP=1 -U postgres -c "revoke connect on database postgres, template1 from public"
