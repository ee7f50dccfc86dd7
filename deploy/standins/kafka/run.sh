#!/bin/sh
# As the image of Apache Kafka: formats what CLUSTER_ID names, then runs the node by the mounted configuration, or by
# what is said in the environment (KAFKA_NODE_ID is node.id).
set -euf
config=/mnt/shared/config/server.properties
if [ ! -e "$config" ]; then
  config=/tmp/server.properties
  env | sed -n 's/^KAFKA_\([A-Z_]*\)=/\1=/p' | while IFS='=' read -r name value; do
    echo "$(echo "$name" | tr 'A-Z_' 'a-z.')=$value"
  done >"$config"
fi
java="java ${KAFKA_HEAP_OPTS:--Xms256m -Xmx512m} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile=/opt/kafka/log4j2.yaml -cp /opt/kafka/libs/*"
$java kafka.tools.StorageTool format --ignore-formatted --cluster-id "${CLUSTER_ID:-a29udG9yLXN0YW5kaW4tMQ}" --config "$config"
exec $java kafka.Kafka "$config"
