#!/usr/bin/env bash
# operators.sh: gives a cluster what the charts use of operators, out of package registries (README.md): the kinds of Strimzi, KEDA and the Prometheus
# operator, and CloudNativePG, which runs. Changes nothing the second time. Needs go, mvn, java, kubectl and docker; KUBECONFIG names the cluster.
# Words given to it are the command that loads images into the nodes. Prints the image for databases.
set -euo pipefail
cd "$(dirname "$0")"
export DOCKER_BUILDKIT=1
docker=${DOCKER:-docker}
secret=()
[ -z "${SSL_CERT_FILE:-}" ] || secret=(--secret "id=ca_bundle,src=$SSL_CERT_FILE")
cnpg=1.27.0 operator=kontor/cnpg-operator:1.27.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

module() { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",/\1/p'; }
apply() { kubectl apply --server-side --force-conflicts "$@" >/dev/null; }

if ! kubectl get crd kafkas.kafka.strimzi.io >/dev/null 2>&1; then
  echo "the kinds of KEDA, the Prometheus operator and Strimzi" >&2
  apply -f "$(module github.com/kedacore/keda/v2@v2.16.1)/config/crd/bases"
  apply -f "$(module github.com/prometheus-operator/prometheus-operator@v0.85.0)/example/prometheus-operator-crd"
  cp strimzi/pom.xml "$work"
  (cd "$work" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=libs && mkdir kinds && model=io.strimzi.api.kafka.model &&
    java -cp 'libs/*' io.strimzi.crdgenerator.CrdGenerator --yaml --target-kube 1.27+ --crd-api-version v1 \
      "$model.nodepool.KafkaNodePool=kinds/nodepool.yaml" "$model.topic.KafkaTopic=kinds/topic.yaml" \
      "$model.user.KafkaUser=kinds/user.yaml" "$model.kafka.Kafka=kinds/kafka.yaml") >&2
  apply -f "$work/kinds"
fi

source=$(module github.com/cloudnative-pg/cloudnative-pg@v$cnpg)
if [ -z "$($docker image ls -q "$operator")" ]; then
  echo "the operator of CloudNativePG $cnpg" >&2
  cp cnpg/Dockerfile "$work"
  (cd "$source" && CGO_ENABLED=0 go build -o "$work/manager" -ldflags "-s -w -X github.com/cloudnative-pg/cloudnative-pg/pkg/versions.buildVersion=$cnpg" ./cmd/manager)
  $docker build -q -t "$operator" "$work" >&2
fi
if ! image=$($docker image ls --format '{{.Repository}}:{{.Tag}}' kontor/cnpg-postgres | grep -m1 .); then
  echo "PostgreSQL for it" >&2
  $docker build -q "${secret[@]}" -t kontor/cnpg-postgres cnpg-postgres >&2
  version=$($docker run --rm --network=none kontor/cnpg-postgres postgres --version | sed 's/[^0-9]*\([0-9.]*\).*/\1/')
  image=kontor/cnpg-postgres:$version # the operator reads the version there
  $docker tag kontor/cnpg-postgres "$image"
  $docker image rm kontor/cnpg-postgres:latest >/dev/null
fi
[ $# = 0 ] || "$@" "$operator" "$image" >&2
sed "s#ghcr.io/cloudnative-pg/cloudnative-pg:$cnpg#$operator#; s/imagePullPolicy: Always/imagePullPolicy: IfNotPresent/" "$source/releases/cnpg-$cnpg.yaml" >"$work/cnpg.yaml"
apply -f "$work/cnpg.yaml"
kubectl -n cnpg-system rollout status deployment/cnpg-controller-manager --timeout=180s >&2
echo "$image"
