{{/* Random 32 bytes, unless the Secret has the entry: (list $ "name of the Secret" "key") */}}
{{- define "chassis.kept" -}}
{{- $there := lookup "v1" "Secret" (first .).Release.Namespace (index . 1) -}}
{{- get ($there.data | default dict) (index . 2) | default (randBytes 32 | replace "+" "-" | replace "/" "_" | b64enc) -}}
{{- end }}

{{- define "chassis.secret" -}}
{{- $ := . -}}
{{- $name := include "chassis.secretName" . -}}
{{- $keys := list -}}
{{- range $file, $from := include "chassis.files" . | fromYaml -}}
{{- if eq $from.secret $name -}}{{- $keys = append $keys $from.key -}}{{- end -}}
{{- end -}}
{{- if eq .v.secret.mode "generate" -}}
{{ include "chassis.head" (list . "v1" "Secret" "") | replace (printf "name: %s\n" .name) (printf "name: %s\n" $name) }}
  annotations: {helm.sh/resource-policy: keep}
type: Opaque
data:
  {{- range $keys | uniq }}
  {{ . }}: {{ include "chassis.kept" (list $ $name .) }}
  {{- end }}
{{- else if eq .v.secret.mode "external" -}}
{{ include "chassis.head" (list . "external-secrets.io/v1" "ExternalSecret" "") }}
spec:
  refreshInterval: {{ .v.secret.external.refresh }}
  secretStoreRef: {name: {{ .v.secret.external.store }}, kind: {{ .v.secret.external.kind }}}
  target: {name: {{ $name }}}
  data:
    {{- range $keys | uniq }}
    - {secretKey: {{ . }}, remoteRef: {key: {{ $.v.secret.external.path | default $name }}, property: {{ . }}}}
    {{- end }}
{{- end }}
{{- end }}

{{/* The service's rights are those that its program prints as `acls`: kafka.yaml of its chart is rendered from the same. */}}
{{- define "chassis.kafkaUser" -}}
{{- if eq .v.kafka.mode "strimzi" -}}
{{- $rights := .Files.Get "kafka.yaml" | fromYaml -}}
{{- $prefix := .v.kafka.topicPrefix -}}
{{ include "chassis.head" (list . "kafka.strimzi.io/v1beta2" "KafkaUser" "") | replace (printf "name: %s\n" .name) (printf "name: %s\n" (include "chassis.kafkaUserName" .)) }}
    strimzi.io/cluster: {{ include "chassis.kafkaCluster" . }}
spec:
  authentication: {type: scram-sha-512}
  authorization:
    type: simple
    acls:
      {{- range $rights.writes }}
      - {resource: {type: topic, name: {{ $prefix }}{{ . }}, patternType: literal}, operations: [Write, Describe], host: "*"}
      {{- end }}
      {{- range $rights.prefixes }}
      - {resource: {type: topic, name: {{ $prefix }}{{ . }}, patternType: prefix}, operations: [Write, Describe], host: "*"}
      {{- end }}
      {{- range $rights.reads }}
      - {resource: {type: topic, name: {{ $prefix }}{{ . }}, patternType: literal}, operations: [Read, Describe], host: "*"}
      {{- end }}
      {{- if $rights.reads }}
      - {resource: {type: group, name: {{ $prefix }}{{ .Chart.Name }}, patternType: literal}, operations: [Read], host: "*"}
      {{- end }}
{{- end }}
{{- end }}

{{- define "chassis.certificate" -}}
{{- with .v.http.certificate.issuer -}}
{{ include "chassis.head" (list $ "cert-manager.io/v1" "Certificate" "") }}
spec:
  secretName: {{ include "chassis.certificateSecret" $ }}
  issuerRef: {name: {{ . }}, kind: {{ $.v.http.certificate.issuerKind }}}
  privateKey: {algorithm: ECDSA, size: 256, rotationPolicy: Always}
  dnsNames: [{{ $.name }}, {{ $.name }}.{{ $.Release.Namespace }}, {{ $.name }}.{{ $.Release.Namespace }}.svc, {{ include "chassis.host" $ }}]
{{- end }}
{{- end }}

{{- define "chassis.cnpg" -}}
{{- if eq .v.postgres.mode "cnpg" -}}
{{- $password := printf "%s-database" .name -}}
{{ include "chassis.head" (list . "v1" "Secret" "-database") }}
    cnpg.io/reload: "true"
  annotations: {helm.sh/resource-policy: keep}
type: kubernetes.io/basic-auth
data:
  username: {{ include "chassis.databaseUser" . | b64enc }}
  password: {{ include "chassis.kept" (list . $password "password") }}
---
{{ include "chassis.head" (list . "postgresql.cnpg.io/v1" "Database" "") }}
  annotations: {helm.sh/resource-policy: keep}
spec:
  cluster: {name: {{ include "chassis.postgresCluster" . }}}
  name: {{ include "chassis.database" . }}
  owner: {{ include "chassis.databaseUser" . }}
{{- end }}
{{- end }}
