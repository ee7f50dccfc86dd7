#!/usr/bin/env bash
# make.sh [postgres|kafka|temurin|mailpit|versitygw|jaeger|collector|prometheus ...]: builds images with the names of those in docker-compose.yml (README.md).
set -euo pipefail
cd "$(dirname "$0")"
export DOCKER_BUILDKIT=1
docker=${DOCKER:-docker}
secret=()
[ -z "${SSL_CERT_FILE:-}" ] || secret=(--secret "id=ca_bundle,src=$SSL_CERT_FILE")
for name in ${*:-postgres kafka temurin mailpit versitygw jaeger collector prometheus}; do
  case $name in
  postgres) $docker build -q "${secret[@]}" -t postgres:18 postgres ;;
  temurin) $docker build -q -t eclipse-temurin:21-jre temurin ;;
  mailpit) $docker build -q -t axllent/mailpit:v1.27.11 mailpit ;;
  versitygw)
    context=$(mktemp -d)
    cp versitygw/* "$context"
    GOBIN=$context CGO_ENABLED=0 go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
    $docker build -q -t versity/versitygw:v1.8.0 "$context"
    rm -r "$context"
    ;;
  jaeger)
    context=$(mktemp -d)
    cp jaeger/* "$context"
    (cd "$(mktemp -d)" && go mod init standin/jaeger && go get -tool github.com/jaegertracing/jaeger/cmd/jaeger@v1.76.0 \
      && CGO_ENABLED=0 go build -ldflags "-s -w" -o "$context/jaeger" github.com/jaegertracing/jaeger/cmd/jaeger) >/dev/null
    $docker build -q -t jaegertracing/jaeger:2.11.0 "$context"
    rm -r "$context"
    ;;
  collector) $docker build -q -t otel/opentelemetry-collector-contrib:0.138.0 collector ;;
  prometheus) $docker build -q -t prom/prometheus:v3.5.0 prometheus ;;
  kafka)
    context=$(mktemp -d)
    mkdir "$context/libs"
    cp kafka/Dockerfile kafka/run.sh ../../local/kafka/log4j2.yaml "$context"
    cp ../../.local/kafka-libs/*.jar "$context/libs"
    $docker build -q -t apache/kafka:4.3.0 "$context"
    rm -r "$context"
    ;;
  esac
done
