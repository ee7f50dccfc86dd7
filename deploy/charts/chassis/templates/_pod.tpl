{{/* The variables of a service. They stand in the pod, not in a ConfigMap, so that an earlier revision goes on with its own. */}}
{{- define "chassis.variables" -}}
{{- $v := .v -}}
{{- $all := dict
  "HTTP_HOST" "0.0.0.0" "HTTP_PORT" "8080" "ADMIN_HOST" "0.0.0.0" "ADMIN_PORT" "8081"
  "PUBLIC_URL" (include "chassis.publicUrl" .)
  "ACCOUNTS_URL" ($v.accountsUrl | default (printf "%s://%s-accounts:8080" (include "chassis.scheme" .) .Release.Name))
  "HTTP_IN_CLEAR" (toString $v.http.inClear)
  "PARTING_SECONDS" (include "chassis.text" $v.stop.partingSeconds)
  "TRUSTED_PROXIES" (include "chassis.text" $v.http.proxies)
-}}
{{- if or $v.http.certificate.secret $v.http.certificate.issuer -}}
{{- $_ := set $all "HTTP_CERT_FILE" "/run/secrets/certificate/tls.crt" -}}
{{- $_ := set $all "HTTP_KEY_FILE" "/run/secrets/certificate/tls.key" -}}
{{- if $v.http.ca.secret -}}{{- $_ := set $all "HTTP_CA_FILE" (printf "/run/secrets/http-ca/%s" $v.http.ca.key) -}}
{{- else if $v.http.certificate.issuer -}}{{- $_ := set $all "HTTP_CA_FILE" "/run/secrets/certificate/ca.crt" -}}{{- end -}}
{{- end -}}
{{- with $v.kafka.topicPrefix -}}{{- $_ := set $all "TOPIC_PREFIX" . -}}{{- end -}}
{{- if eq $v.kafka.mode "strimzi" -}}
{{- $_ := set $all "KAFKA_BOOTSTRAP_SERVERS" (printf "%s-kafka-bootstrap:9093" (include "chassis.kafkaCluster" .)) -}}
{{- $_ := set $all "KAFKA_TLS" "true" -}}
{{- else -}}
{{- $_ := set $all "KAFKA_BOOTSTRAP_SERVERS" (tpl $v.kafka.bootstrapServers .) -}}
{{- if $v.kafka.tls -}}{{- $_ := set $all "KAFKA_TLS" "true" -}}{{- end -}}
{{- end -}}
{{- with (include "chassis.kafkaCa" . | fromYaml).secret -}}{{- $_ := set $all "KAFKA_CA_FILE" "/run/secrets/kafka-ca/ca.crt" -}}{{- end -}}
{{- if or (eq $v.kafka.mode "strimzi") $v.kafka.sasl -}}
{{- $_ := set $all "KAFKA_USER" (include "chassis.kafkaUserName" .) -}}
{{- $_ := set $all "KAFKA_MECHANISM" $v.kafka.mechanism -}}
{{- end -}}
{{- $host := tpl $v.postgres.host . -}}
{{- if eq $v.postgres.mode "cnpg" -}}{{- $host = printf "%s-rw" (include "chassis.postgresCluster" .) -}}{{- end -}}
{{- $_ := set $all "DATABASE_URL" (printf "postgresql://%s@%s:%s/%s?%s" (include "chassis.databaseUser" .) $host (include "chassis.text" $v.postgres.port) (include "chassis.database" .) $v.postgres.options) -}}
{{- range $name, $from := include "chassis.files" . | fromYaml -}}
{{- $_ := set $all $name (printf "/run/secrets/kontor/%s" (include "chassis.key" $name)) -}}
{{- end -}}
{{- range $name, $secret := $v.secret.directories -}}
{{- $_ := set $all $name (printf "/run/secrets/%s" (lower $name | replace "_" "-")) -}}
{{- end -}}
{{- range $name, $value := $v.settings -}}{{- $_ := set $all $name (include "chassis.text" $value) -}}{{- end -}}
{{- range $name, $value := $v.environment -}}{{- $_ := set $all $name (include "chassis.text" $value) -}}{{- end -}}
{{- range $name := keys $all | sortAlpha }}
- {name: {{ $name }}, value: {{ tpl (get $all $name) $ | quote }}}
{{- end }}
{{- end }}

{{/* The secrets' files, each with the Secret and the key it comes from. */}}
{{- define "chassis.files" -}}
{{- $ := . -}}
{{- $own := include "chassis.secretName" . -}}
{{- $files := deepCopy .v.secret.files -}}
{{- if eq .v.postgres.mode "cnpg" -}}
{{- $_ := set $files "DATABASE_PASSWORD_FILE" (dict "secret" (printf "%s-database" .name) "key" "password") -}}
{{- else -}}
{{- $_ := set $files "DATABASE_PASSWORD_FILE" (get $files "DATABASE_PASSWORD_FILE" | default dict) -}}
{{- end -}}
{{- if eq .v.kafka.mode "strimzi" -}}
{{- $_ := set $files "KAFKA_PASSWORD_FILE" (dict "secret" (include "chassis.kafkaUserName" .) "key" "password") -}}
{{- else if .v.kafka.sasl -}}
{{- $_ := set $files "KAFKA_PASSWORD_FILE" (get $files "KAFKA_PASSWORD_FILE" | default dict) -}}
{{- end -}}
{{- range $name, $from := $files }}
{{ $name }}: {secret: {{ tpl ($from.secret | default $own) $ }}, key: {{ $from.key | default (include "chassis.key" $name) }}}
{{- end }}
{{- end }}

{{- define "chassis.kafkaCa" -}}
{{- if eq .v.kafka.mode "strimzi" -}}{secret: {{ include "chassis.kafkaCluster" . }}-cluster-ca-cert, key: ca.crt}
{{- else -}}{secret: {{ tpl .v.kafka.ca.secret . | quote }}, key: {{ .v.kafka.ca.key | quote }}}{{- end -}}
{{- end }}

{{- define "chassis.volumes" -}}
{{- $v := .v -}}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range $name, $from := include "chassis.files" . | fromYaml }}
      - secret: {name: {{ $from.secret }}, items: [{key: {{ $from.key }}, path: {{ include "chassis.key" $name }}}]}
      {{- end }}
{{- range $name, $secret := $v.secret.directories }}
- name: {{ lower $name | replace "_" "-" }}
  secret: {secretName: {{ tpl $secret $ }}, defaultMode: 0440}
{{- end }}
{{- if or $v.http.certificate.secret $v.http.certificate.issuer }}
- name: certificate
  secret: {secretName: {{ include "chassis.certificateSecret" . }}, defaultMode: 0440}
{{- with $v.http.ca.secret }}
- name: http-ca
  secret: {secretName: {{ tpl . $ }}, defaultMode: 0440}
{{- end }}
{{- end }}
{{- $ca := include "chassis.kafkaCa" . | fromYaml }}
{{- with $ca.secret }}
- name: kafka-ca
  secret: {secretName: {{ . }}, defaultMode: 0440, items: [{key: {{ $ca.key }}, path: ca.crt}]}
{{- end }}
{{- if $v.volume.enabled }}
- name: data
  persistentVolumeClaim: {claimName: {{ $v.volume.claim | default .name }}}
{{- end }}
{{- end }}

{{- define "chassis.mounts" -}}
{{- $v := .v -}}
- {name: tmp, mountPath: /tmp}
- {name: secrets, mountPath: /run/secrets/kontor, readOnly: true}
{{- range $name, $secret := $v.secret.directories }}
- {name: {{ lower $name | replace "_" "-" }}, mountPath: /run/secrets/{{ lower $name | replace "_" "-" }}, readOnly: true}
{{- end }}
{{- if or $v.http.certificate.secret $v.http.certificate.issuer }}
- {name: certificate, mountPath: /run/secrets/certificate, readOnly: true}
{{- if $v.http.ca.secret }}
- {name: http-ca, mountPath: /run/secrets/http-ca, readOnly: true}
{{- end }}
{{- end }}
{{- if (include "chassis.kafkaCa" . | fromYaml).secret }}
- {name: kafka-ca, mountPath: /run/secrets/kafka-ca, readOnly: true}
{{- end }}
{{- if $v.volume.enabled }}
- {name: data, mountPath: /var/lib/kontor}
{{- end }}
{{- end }}

{{/* The container of a service, but for what it is told to do; more mounts may follow. */}}
{{- define "chassis.container" -}}
image: {{ include "chassis.image" . }}
imagePullPolicy: {{ .v.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
env:
  {{- include "chassis.variables" . | nindent 2 }}
{{- with .v.environmentSecret }}
envFrom: [{secretRef: {name: {{ tpl . $ }}}}]
{{- end }}
resources:
  {{- toYaml (.resources | default .v.resources) | nindent 2 }}
volumeMounts:
  {{- include "chassis.mounts" . | nindent 2 }}
{{- end }}

{{/* What all pods have in common; more volumes may follow. */}}
{{- define "chassis.pod" -}}
serviceAccountName: {{ .name }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .v.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .v.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .v.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .v.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- with .v.affinity }}
affinity: {{ toJson . }}
{{- end }}
volumes:
  {{- include "chassis.volumes" . | nindent 2 }}
{{- end }}
