#!/bin/sh
# Starts a program with its addresses read from files: TECHDOCK_X_URL_FILE=/path becomes
# TECHDOCK_X_URL=<what is in it>. Addresses hold passwords, and the variables of a container can be
# read by everybody who may inspect it.
set -eu
for name in $(env | sed -n 's/^\(TECHDOCK_[A-Z_]*_URL\)_FILE=.*/\1/p'); do
  eval "file=\$${name}_FILE"
  # In two steps: a file that is missing stops the start, which `export` alone would hide.
  address=$(cat "$file")
  export "$name=$address"
done
exec "$@"
