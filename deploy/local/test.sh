#!/usr/bin/env bash
# Starts real servers and the distributed Techdock in a folder of their own, runs the tests that need
# them, and takes everything down again, whatever happens. Arguments are handed to pytest.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=.venv/bin/python
folder=$(mktemp -d "${TMPDIR:-/tmp}/techdock-test.XXXXXX")
# PostgreSQL runs as another user, who must get through to its own folder; secrets stay closed.
chmod 0711 "$folder"

finish() {
  status=$?
  trap - EXIT INT TERM
  if [ "$status" -ne 0 ]; then
    # The last lines of each program, because the folder goes away with its logs.
    tail -n 20 "$folder"/*/*.log >&2 2>/dev/null || true
  fi
  $python deploy/local stop --wipe --dir "$folder" || true
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

echo "Starting Kafka (three nodes), PostgreSQL, Valkey and Techdock in $folder"
$python deploy/local start --nodes 3 --dir "$folder"
eval "$($python deploy/local env --dir "$folder")"
export TECHDOCK_REQUIRE_KAFKA=1
# What only Kafka can show, faults among it; then the stories, now on these programs.
.venv/bin/pytest -m kafka "$@"
# The index that PostgreSQL keeps, on this server.
.venv/bin/pytest -k "postgresql" tests/integration/matching/test_index_contract.py "$@"
.venv/bin/pytest -m "not kafka and not browser" --ignore tests/e2e/faults tests/e2e "$@"
