{{- define "chassis.account" -}}
{{ include "chassis.head" (list . "v1" "ServiceAccount" "") }}
automountServiceAccountToken: false
{{- end }}

{{- define "chassis.deployment" -}}
{{- $v := .v -}}
{{ include "chassis.head" (list . "apps/v1" "Deployment" "") }}
spec:
  {{- if eq $v.scaling.mode "none" }}
  replicas: {{ $v.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector:
    matchLabels:
      {{- include "chassis.selector" . | nindent 6 }}
      app.kubernetes.io/component: serve
  template:
    metadata:
      labels:
        {{- include "chassis.labels" . | nindent 8 }}
        app.kubernetes.io/component: serve
        {{- with $v.podLabels }}{{ toYaml . | nindent 8 }}{{- end }}
      annotations:
        kubectl.kubernetes.io/default-container: service
        {{- with $v.podAnnotations }}{{ toYaml . | nindent 8 }}{{- end }}
    spec:
      {{- include "chassis.pod" . | nindent 6 }}
      terminationGracePeriodSeconds: {{ $v.stop.graceSeconds }}
      topologySpreadConstraints:
        {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
        - topologyKey: {{ . }}
          maxSkew: 1
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "chassis.selector" $ | nindent 14 }}
              app.kubernetes.io/component: serve
        {{- end }}
      containers:
        - name: service
          args: [serve]
          ports:
            - {name: http, containerPort: 8080}
            - {name: admin, containerPort: 8081}
            {{- range $name, $door := $v.doors }}
            - {name: {{ $name }}, containerPort: {{ $door.port }}}
            {{- end }}
          startupProbe: {httpGet: {path: /livez, port: admin}, periodSeconds: 2, failureThreshold: 60, timeoutSeconds: 3}
          livenessProbe: {httpGet: {path: /livez, port: admin}, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5}
          {{- /* Half a minute: where the database is away for all replicas, they answer 503 with Retry-After, and no replica would refuse connections. */}}
          readinessProbe: {httpGet: {path: /readyz, port: admin}, periodSeconds: 3, failureThreshold: 10, timeoutSeconds: 3}
          lifecycle: {preStop: {sleep: {seconds: {{ $v.stop.sleepSeconds }}}}}
          {{- include "chassis.container" . | nindent 10 }}
{{- end }}

{{/* A Job that runs one command of the service: (dict "root" $ "suffix" "-migrate" "args" list), and annotations, volumes, mounts, backoff */}}
{{- define "chassis.job" -}}
{{- $ := .root -}}
{{ include "chassis.head" (list $ "batch/v1" "Job" .suffix) }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  backoffLimit: {{ .backoff | default 5 }}
  activeDeadlineSeconds: {{ add $.v.migration.waitSeconds 600 }}
  ttlSecondsAfterFinished: {{ $.v.migration.keepSeconds }}
  template:
    metadata:
      labels:
        {{- include "chassis.labels" $ | nindent 8 }}
        app.kubernetes.io/component: command
    spec:
      {{- include "chassis.pod" $ | nindent 6 }}
        {{- with .volumes }}{{ toYaml . | nindent 8 }}{{- end }}
      restartPolicy: OnFailure
      containers:
        - name: service
          args: {{ toJson .args }}
          {{- include "chassis.container" (merge (dict "resources" $.v.commands.resources) $) | nindent 10 }}
            {{- with .mounts }}{{ toYaml . | nindent 12 }}{{- end }}
{{- end }}

{{/*
Where the service is not installed yet the Job is an object like others: a hook before it would wait for a database that comes
with the same release; the replicas wait for it, unready. At an upgrade it is a hook: nothing is rolled out before it succeeded.
*/}}
{{- define "chassis.migration" -}}
{{- $hook := dict "helm.sh/hook" "pre-upgrade" "helm.sh/hook-delete-policy" "before-hook-creation" -}}
{{- $args := list "migrate" "--wait" (include "chassis.text" .v.migration.waitSeconds) -}}
{{- if and .Release.IsUpgrade (lookup "apps/v1" "Deployment" .Release.Namespace .name) -}}
{{ include "chassis.job" (dict "root" . "suffix" "-migrate" "args" $args "annotations" $hook) }}
{{- else -}}
{{ include "chassis.job" (dict "root" . "suffix" (printf "-migrate-%s" (include "chassis.image" . | sha256sum | trunc 8)) "args" $args) }}
{{- end -}}
{{- end }}

{{- define "chassis.volume" -}}
{{- if and .v.volume.enabled (not .v.volume.claim) -}}
{{ include "chassis.head" (list . "v1" "PersistentVolumeClaim" "") }}
  annotations: {helm.sh/resource-policy: keep}
spec:
  accessModes: [{{ .v.volume.accessMode }}]
  {{- with .v.volume.className }}
  storageClassName: {{ . }}
  {{- end }}
  resources: {requests: {storage: {{ .v.volume.size }}}}
{{- end }}
{{- end }}

{{- define "chassis.scaling" -}}
{{- $v := .v -}}
{{- if eq $v.scaling.mode "hpa" -}}
{{ include "chassis.head" (list . "autoscaling/v2" "HorizontalPodAutoscaler" "") }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .name }}}
  minReplicas: {{ $v.scaling.min }}
  maxReplicas: {{ $v.scaling.max }}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: {{ $v.scaling.cpu }}}}}]
{{- else if eq $v.scaling.mode "keda" -}}
{{ include "chassis.head" (list . "keda.sh/v1alpha1" "ScaledObject" "") }}
spec:
  scaleTargetRef: {name: {{ .name }}}
  minReplicaCount: {{ $v.scaling.min }}
  maxReplicaCount: {{ $v.scaling.max }}
  fallback: {failureThreshold: 3, replicas: {{ $v.scaling.min }}}
  triggers:
    - type: kafka
      metadata:
        bootstrapServers: {{ if eq $v.kafka.mode "strimzi" }}{{ include "chassis.kafkaCluster" . }}-kafka-bootstrap.{{ .Release.Namespace }}:9093{{ else }}{{ tpl $v.kafka.bootstrapServers . }}{{ end }}
        consumerGroup: {{ $v.kafka.topicPrefix }}{{ .Chart.Name }}
        lagThreshold: {{ include "chassis.text" $v.scaling.lag | quote }}
        {{- if or (eq $v.kafka.mode "strimzi") $v.kafka.sasl }}
        sasl: {{ eq $v.kafka.mechanism "PLAIN" | ternary "plaintext" ($v.kafka.mechanism | lower | replace "sha-" "sha" | replace "-" "_") }}
        tls: {{ or (eq $v.kafka.mode "strimzi") $v.kafka.tls | ternary "enable" "disable" }}
      authenticationRef: {name: {{ .name }}}
        {{- else if $v.kafka.tls }}
        tls: enable
        {{- end }}
{{- if or (eq $v.kafka.mode "strimzi") $v.kafka.sasl }}
{{- $password := (include "chassis.files" . | fromYaml).KAFKA_PASSWORD_FILE }}
{{- $ca := include "chassis.kafkaCa" . | fromYaml }}
---
{{ include "chassis.head" (list . "v1" "Secret" "-keda") }}
type: Opaque
stringData: {username: {{ include "chassis.kafkaUserName" . }}}
---
{{ include "chassis.head" (list . "keda.sh/v1alpha1" "TriggerAuthentication" "") }}
spec:
  secretTargetRef:
    - {parameter: username, name: {{ .name }}-keda, key: username}
    - {parameter: password, name: {{ $password.secret }}, key: {{ $password.key }}}
    {{- with $ca.secret }}
    - {parameter: ca, name: {{ . }}, key: {{ $ca.key }}}
    {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "chassis.disruption" -}}
{{- if .v.disruption.enabled -}}
{{ include "chassis.head" (list . "policy/v1" "PodDisruptionBudget" "") }}
spec:
  maxUnavailable: {{ .v.disruption.maxUnavailable }}
  selector:
    matchLabels:
      {{- include "chassis.selector" . | nindent 6 }}
      app.kubernetes.io/component: serve
{{- end }}
{{- end }}

{{- define "chassis.monitor" -}}
{{- if .v.monitor.enabled -}}
{{ include "chassis.head" (list . "monitoring.coreos.com/v1" "ServiceMonitor" "") }}
    {{- with .v.monitor.labels }}{{ toYaml . | nindent 4 }}{{- end }}
spec:
  jobLabel: app.kubernetes.io/name
  selector:
    matchLabels:
      {{- include "chassis.selector" . | nindent 6 }}
      app.kubernetes.io/component: admin
  endpoints: [{port: admin, path: /metrics, interval: {{ .v.monitor.interval }}}]
{{- end }}
{{- end }}
