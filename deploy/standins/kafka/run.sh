#!/bin/sh
# As the image of Apache Kafka: formats what CLUSTER_ID names, then runs the node by the mounted configuration.
set -euf
config=/mnt/shared/config/server.properties
java="java ${KAFKA_HEAP_OPTS:--Xms256m -Xmx512m} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile=/opt/kafka/log4j2.yaml -cp /opt/kafka/libs/*"
$java kafka.tools.StorageTool format --ignore-formatted --cluster-id "$CLUSTER_ID" --config "$config"
exec $java kafka.Kafka "$config"
