#!/bin/bash
# Runs once, when the database server is new: a database and an account for each program. A program owns its own database
# and cannot connect to another's.
set -euo pipefail
export PGPASSWORD="$POSTGRES_PASSWORD"
for program in portal registry gateway; do
    psql --quiet --set=ON_ERROR_STOP=1 --username=postgres \
        --set=name="$program" --set=password="$(cat "/run/secrets/${program}_password")" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
