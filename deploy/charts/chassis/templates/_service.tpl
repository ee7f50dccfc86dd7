{{/* All objects of a service. The one template of its chart:  {{ include "chassis.service" . }} */}}
{{- define "chassis.service" -}}
{{- include "chassis.settle" . -}}
{{- range $part := list "account" "secret" "kafkaUser" "cnpg" "certificate" "migration" "deployment" "services" "ingress" "route" "volume" "scaling" "disruption" "network" "monitor" }}
{{- with include (printf "chassis.%s" $part) $ | trim }}
---
{{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* Adds to the chart's values, as `v`, what holds: the service's own over those of `global` over the defaults. */}}
{{- define "chassis.settle" -}}
{{- if not (hasKey . "v") -}}
{{- $defaults := omit .Values.chassis "global" -}}
{{- $v := mustMergeOverwrite (deepCopy $defaults) (deepCopy (.Values.global | default dict)) (omit (deepCopy .Values) "global" "chassis" "enabled") -}}
{{- $_ := set . "v" $v -}}
{{- $_ := set . "name" (include "chassis.name" .) -}}
{{- if and (not $v.http.inClear) (not $v.http.certificate.secret) (not $v.http.certificate.issuer) -}}
{{- fail (printf "%s: tokens and keys would travel in clear between pods. Name http.certificate.secret or .issuer, or say http.inClear=true where something else encrypts" .Chart.Name) -}}
{{- end -}}
{{- if and (eq $v.kafka.mode "external") (not $v.kafka.bootstrapServers) -}}
{{- fail (printf "%s: kafka.bootstrapServers is missing; or kafka.mode=strimzi" .Chart.Name) -}}
{{- end -}}
{{- if and (eq $v.postgres.mode "external") (not $v.postgres.host) -}}
{{- fail (printf "%s: postgres.host is missing; or postgres.mode=cnpg" .Chart.Name) -}}
{{- end -}}
{{- if not (or $v.domain $v.publicUrl) -}}
{{- fail (printf "%s: domain or publicUrl is missing: where do clients find it?" .Chart.Name) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "chassis.name" -}}
{{- if eq .Release.Name .Chart.Name -}}{{ .Chart.Name }}{{- else -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{- end -}}
{{- end }}

{{- define "chassis.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "chassis.labels" -}}
{{ include "chassis.selector" . }}
app.kubernetes.io/part-of: kontor
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* apiVersion, kind and metadata of an object: (list $ "apps/v1" "Deployment" "suffix of its name") */}}
{{- define "chassis.head" -}}
{{- $ := first . -}}
apiVersion: {{ index . 1 }}
kind: {{ index . 2 }}
metadata:
  name: {{ $.name }}{{ index . 3 }}
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- include "chassis.labels" $ | nindent 4 }}
{{- end }}

{{/* A value as the text of a variable; whole numbers without an exponent. */}}
{{- define "chassis.text" -}}
{{- if kindIs "float64" . -}}{{- if eq (floor .) . -}}{{ printf "%.0f" . }}{{- else -}}{{ . }}{{- end -}}
{{- else if or (kindIs "map" .) (kindIs "slice" .) -}}{{ toJson . }}
{{- else -}}{{ . }}{{- end -}}
{{- end }}

{{- define "chassis.image" -}}
{{- $image := .v.image -}}
{{- with $image.registry -}}{{ . }}/{{- end -}}
{{ $image.repository }}/{{ .Chart.Name }}
{{- if $image.digest -}}@{{ $image.digest }}{{- else -}}:{{ $image.tag | default .Chart.AppVersion }}{{- end -}}
{{- end }}

{{/* The key of a secret's file in the service's Secret: SERVICE_SECRET_FILE is service-secret. */}}
{{- define "chassis.key" -}}
{{- . | trimSuffix "_FILE" | lower | replace "_" "-" -}}
{{- end }}

{{- define "chassis.secretName" -}}{{ tpl .v.secret.name . | default .name }}{{- end }}
{{- define "chassis.publicUrl" -}}{{ .v.publicUrl | default (printf "https://%s.%s" .Chart.Name .v.domain) }}{{- end }}
{{- define "chassis.scheme" -}}{{ if or .v.http.certificate.secret .v.http.certificate.issuer }}https{{ else }}http{{ end }}{{- end }}
{{- define "chassis.kafkaCluster" -}}{{ .v.kafka.cluster | default (printf "%s-kafka" .Release.Name) }}{{- end }}
{{- define "chassis.postgresCluster" -}}{{ .v.postgres.cluster | default (printf "%s-postgres" .Release.Name) }}{{- end }}
{{- define "chassis.package" -}}{{ .Chart.Name | replace "-" "_" }}{{- end }}
{{- define "chassis.database" -}}{{ .v.postgres.database | default (include "chassis.package" .) }}{{- end }}
{{- define "chassis.databaseUser" -}}{{ .v.postgres.user | default (include "chassis.package" .) }}{{- end }}
{{- define "chassis.kafkaUserName" -}}{{ if eq .v.kafka.mode "strimzi" }}{{ .name }}-kafka{{ else }}{{ .v.kafka.userPrefix }}{{ .Chart.Name }}{{ end }}{{- end }}
{{- define "chassis.certificateSecret" -}}
{{- if .v.http.certificate.issuer -}}{{ .name }}-certificate{{- else -}}{{ tpl .v.http.certificate.secret . }}{{- end -}}
{{- end }}
