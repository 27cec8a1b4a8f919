#!/bin/sh
# Makes the passwords and keys of a distributed installation, once: what exists is kept, so nothing
# here is a default that somebody else knows too. One folder per reader; each container is given its
# own only, so that matching cannot read the password of registration's database.
#   secrets.sh FOLDER
#   POSTGRES_ADDRESS, REDIS_ADDRESS   host:port as the services reach them
set -eu
folder=$1
postgres=${POSTGRES_ADDRESS:-postgres:5432}
redis=${REDIS_ADDRESS:-redis:6379}

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { # keep FILE COMMAND...: its output, if there is no such file yet, or all of it or nothing
  file=$1
  shift
  [ -s "$file" ] && return
  "$@" >"$file.new"
  chmod 0444 "$file.new"
  mv "$file.new" "$file"
}
say() { printf %s "$1"; }
redis_configuration() {
  # Nothing is written to disk: all that is kept here can be rebuilt.
  printf '%s\n' "requirepass $(cat "$folder/redis/password")" \
    'save ""' 'appendonly no' 'maxmemory 256mb' 'maxmemory-policy allkeys-lru'
}

for reader in postgres redis registration matching reporting; do
  mkdir -p "$folder/$reader"
done
keep "$folder/redis/password" random
keep "$folder/redis/redis.conf" redis_configuration
redis_url=redis://:$(cat "$folder/redis/password")@$redis/0
keep "$folder/postgres/postgres" random
# The services sign and check with it what they tell each other about who is asking.
keep "$folder/registration/deployment_key" random
for service in registration matching reporting; do
  keep "$folder/postgres/$service" random
  password=$(cat "$folder/postgres/$service")
  keep "$folder/$service/database_url" \
    say "postgresql+asyncpg://$service:$password@$postgres/$service"
  keep "$folder/$service/redis_url" say "$redis_url"
  keep "$folder/$service/deployment_key" cat "$folder/registration/deployment_key"
done
