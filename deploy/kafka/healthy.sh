#!/bin/sh
# Succeeds when the node answers a question; an open port alone says too little.
set -eu
exec java -Xmx64m -cp "${KAFKA_LIBS:-/opt/kafka/libs}/*" \
  org.apache.kafka.tools.BrokerApiVersionsCommand \
  --bootstrap-server "${KAFKA_HOST:-127.0.0.1}:${KAFKA_PORT:-9092}" >/dev/null
