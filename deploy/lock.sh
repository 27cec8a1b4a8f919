#!/usr/bin/env bash
# Compiles requirements/*.txt, one a program, each with hashes. Called by `make lock`.
set -euo pipefail
cd "$(dirname "$0")/.."
own=()
for package in contracts shared registration matching reporting portal embedded; do
  own+=(--no-emit-package "techdock-$package")
done
lock() { # lock NAME SOURCE...
  local name=$1; shift
  uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate "${own[@]}" \
    "$@" -o "requirements/$name.txt"
}
lock dev --group dev pyproject.toml
lock embedded services/embedded/pyproject.toml
for service in registration matching reporting portal; do
  lock "$service" "services/$service/pyproject.toml"
done
