#!/bin/sh
# Runs one Kafka node (broker and controller, KRaft), in a container and on a bare machine alike.
# Everything that differs comes from the environment:
#   KAFKA_DATA       folder of the node; formatted at the first start
#   KAFKA_LIBS       folder of the jars                       (default: that of the apache/kafka image)
#   KAFKA_NODE       number of the node                       (default 1)
#   KAFKA_BIND       address to listen on                     (default 127.0.0.1)
#   KAFKA_HOST       name under which the others reach it     (default 127.0.0.1)
#   KAFKA_PORT, KAFKA_CONTROLLER_PORT                         (default 9092, 9093)
#   KAFKA_CLUSTER    cluster id of a cluster of several nodes (default: a new one)
#   KAFKA_VOTERS     id@host:port:directory,... of all nodes  (default: this node alone)
#   KAFKA_HEAP                                                (default 384m)
set -eu
: "${KAFKA_DATA:?says where the node keeps its data}"
libs=${KAFKA_LIBS:-/opt/kafka/libs}
node=${KAFKA_NODE:-1}
bind=${KAFKA_BIND:-127.0.0.1}
host=${KAFKA_HOST:-127.0.0.1}
port=${KAFKA_PORT:-9092}
controller=${KAFKA_CONTROLLER_PORT:-9093}
voters=${KAFKA_VOTERS:-}
heap=${KAFKA_HEAP:-384m}

if [ -n "$voters" ]; then
  quorum=$(printf %s "$voters" | tr , '\n' | sed 's/^[0-9]*@//; s/:[^:]*$//' | paste -sd, -)
  replicas=3 in_sync=2
else
  quorum=$host:$controller
  replicas=1 in_sync=1
fi

mkdir -p "$KAFKA_DATA"
config=$KAFKA_DATA/server.properties
cat >"$config" <<PROPERTIES
process.roles=broker,controller
node.id=$node
controller.quorum.bootstrap.servers=$quorum
listeners=PLAINTEXT://$bind:$port,CONTROLLER://$bind:$controller
advertised.listeners=PLAINTEXT://$host:$port,CONTROLLER://$host:$controller
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$KAFKA_DATA/log
auto.create.topics.enable=false
num.partitions=6
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.num.partitions=6
offsets.topic.replication.factor=$replicas
transaction.state.log.num.partitions=6
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync
# An idle group must not forget how far it read: a forgotten offset means the whole topic again.
offsets.retention.minutes=525600
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
PROPERTIES

kafka() { java -cp "$libs/*" "$@"; }
if [ ! -f "$KAFKA_DATA/log/meta.properties" ]; then
  cluster=${KAFKA_CLUSTER:-$(kafka kafka.tools.StorageTool random-uuid 2>/dev/null | tail -n 1)}
  if [ -n "$voters" ]; then
    kafka kafka.tools.StorageTool format -t "$cluster" --initial-controllers "$voters" -c "$config"
  else
    kafka kafka.tools.StorageTool format -t "$cluster" --standalone -c "$config"
  fi
fi
# shellcheck disable=SC2086 # KAFKA_OPTS holds several options on purpose
exec java "-Xms128m" "-Xmx$heap" -XX:+UseSerialGC -Djava.awt.headless=true \
  -Dorg.slf4j.simpleLogger.showDateTime=true ${KAFKA_OPTS:-} -cp "$libs/*" kafka.Kafka "$config"
