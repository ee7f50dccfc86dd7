{{- define "chassis.random" -}}{{ randBytes 32 | replace "+" "-" | replace "/" "_" | b64enc }}{{- end }}

{{/*
Generated Secrets are made once, as hooks, and belong to no revision: a rollback would put older keys back, and what is
sealed with newer ones could not be opened. Says `true` where one is there, which must have every entry:
(list $ "name of the Secret" (list "entry"))
*/}}
{{- define "chassis.there" -}}
{{- $namespace := (first .).Release.Namespace -}}
{{- $name := index . 1 -}}
{{- $entries := index . 2 -}}
{{- with lookup "v1" "Secret" $namespace $name -}}
{{- $data := .data | default dict -}}
{{- range $entries -}}
{{- if not (hasKey $data .) -}}
{{- fail (printf "The Secret %s lacks the entry %s, which this version needs. Make it:  kubectl -n %s patch secret %s -p '{\"stringData\": {\"%s\": \"'$(openssl rand 32 | basenc --base64url)'\"}}'" $name . $namespace $name .) -}}
{{- end -}}
{{- end -}}
true
{{- end -}}
{{- end }}

{{- define "chassis.once" -}}
annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-20", helm.sh/hook-delete-policy: hook-failed}
{{- end }}

{{- define "chassis.secret" -}}
{{- $ := . -}}
{{- $name := include "chassis.secretName" . -}}
{{- $keys := list -}}
{{- range $file, $from := include "chassis.files" . | fromYaml -}}
{{- if eq $from.secret $name -}}{{- $keys = append $keys $from.key -}}{{- end -}}
{{- end -}}
{{- if eq .v.secret.mode "generate" -}}
{{- if not (include "chassis.there" (list $ $name ($keys | uniq))) -}}
{{ include "chassis.head" (list . "v1" "Secret" "") | replace (printf "name: %s\n" .name) (printf "name: %s\n" $name) }}
  {{ include "chassis.once" . }}
type: Opaque
data:
  {{- range $keys | uniq }}
  {{ . }}: {{ include "chassis.random" $ }}
  {{- end }}
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
{{- if not (include "chassis.there" (list . (printf "%s-database" .name) (list "username" "password"))) -}}
{{ include "chassis.head" (list . "v1" "Secret" "-database") }}
    cnpg.io/reload: "true"
  {{ include "chassis.once" . }}
type: kubernetes.io/basic-auth
data:
  username: {{ include "chassis.databaseUser" . | b64enc }}
  password: {{ include "chassis.random" . }}
---
{{ end -}}
{{ include "chassis.head" (list . "postgresql.cnpg.io/v1" "Database" "") }}
  annotations: {helm.sh/resource-policy: keep}
spec:
  cluster: {name: {{ include "chassis.postgresCluster" . }}}
  name: {{ include "chassis.database" . }}
  owner: {{ include "chassis.databaseUser" . }}
{{- end }}
{{- end }}
