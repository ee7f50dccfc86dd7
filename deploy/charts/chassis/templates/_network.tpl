{{- define "chassis.services" -}}
{{- $v := .v -}}
{{- $local := list "LoadBalancer" -}}
{{ include "chassis.head" (list . "v1" "Service" "") }}
  {{- with $v.service.annotations }}
  annotations: {{ toJson . }}
  {{- end }}
spec:
  type: {{ $v.service.type }}
  {{- if eq $v.service.type "LoadBalancer" }}
  externalTrafficPolicy: Local
  {{- end }}
  selector:
    {{- include "chassis.selector" . | nindent 4 }}
    app.kubernetes.io/component: serve
  ports:
    - {name: http, port: {{ $v.service.port }}, targetPort: http, appProtocol: {{ include "chassis.scheme" . }}{{ with $v.service.nodePort }}, nodePort: {{ . }}{{ end }}}
---
{{ include "chassis.head" (list . "v1" "Service" "-admin") }}
    app.kubernetes.io/component: admin
spec:
  type: {{ $v.service.adminType }}
  publishNotReadyAddresses: true
  selector:
    {{- include "chassis.selector" . | nindent 4 }}
    app.kubernetes.io/component: serve
  ports:
    - {name: admin, port: 8081, targetPort: admin{{ with $v.service.adminNodePort }}, nodePort: {{ . }}{{ end }}}
{{- range $name, $door := $v.doors }}
---
{{ include "chassis.head" (list $ "v1" "Service" (printf "-%s" $name)) }}
  {{- with $door.annotations }}
  annotations: {{ toJson . }}
  {{- end }}
spec:
  type: {{ $door.type | default "ClusterIP" }}
  {{- if eq ($door.type | default "ClusterIP") "LoadBalancer" }}
  externalTrafficPolicy: Local
  {{- end }}
  selector:
    {{- include "chassis.selector" $ | nindent 4 }}
    app.kubernetes.io/component: serve
  ports:
    - {name: {{ $name }}, port: {{ $door.servicePort | default $door.port }}, targetPort: {{ $name }}{{ with $door.nodePort }}, nodePort: {{ . }}{{ end }}}
{{- end }}
{{- end }}

{{- define "chassis.host" -}}
{{- get (include "chassis.publicUrl" . | urlParse) "host" | splitList ":" | first -}}
{{- end }}

{{- define "chassis.ingress" -}}
{{- $ingress := .v.ingress -}}
{{- if $ingress.enabled -}}
{{- $host := $ingress.host | default (include "chassis.host" .) -}}
{{ include "chassis.head" (list . "networking.k8s.io/v1" "Ingress" "") }}
  {{- /* services limit themselves what they take, files of many gigabytes among it, and time what comes slowly */}}
  {{- $nginx := dict "nginx.ingress.kubernetes.io/proxy-body-size" "0" "nginx.ingress.kubernetes.io/proxy-request-buffering" "off" }}
  {{- if eq (include "chassis.scheme" .) "https" }}{{ $_ := set $nginx "nginx.ingress.kubernetes.io/backend-protocol" "HTTPS" }}{{ end }}
  {{- with mustMerge (deepCopy $ingress.annotations) $nginx }}
  annotations: {{ toJson . }}
  {{- end }}
spec:
  {{- with $ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  tls: [{hosts: {{ concat (list $host) $ingress.hosts | uniq | toJson }}, secretName: {{ $ingress.tlsSecret | default (printf "%s-ingress" .name) }}}]
  rules:
    {{- range concat (list $host) $ingress.hosts | uniq }}
    - host: {{ . }}
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: {{ $.name }}, port: {name: http}}}}]}
    {{- end }}
{{- end }}
{{- end }}

{{- define "chassis.route" -}}
{{- if .v.route.enabled -}}
{{ include "chassis.head" (list . "gateway.networking.k8s.io/v1" "HTTPRoute" "") }}
spec:
  parentRefs: {{ toJson .v.route.gateways }}
  hostnames: {{ concat (list (.v.route.host | default (include "chassis.host" .))) .v.route.hosts | uniq | toJson }}
  rules: [{backendRefs: [{name: {{ .name }}, port: {{ .v.service.port }}}]}]
{{- end }}
{{- end }}

{{- define "chassis.network" -}}
{{- $v := .v -}}
{{- if $v.network.enabled -}}
{{- $ports := list (dict "port" "http") -}}
{{- range $name, $door := $v.doors -}}{{- $ports = append $ports (dict "port" $name) -}}{{- end -}}
{{- $kafka := list -}}
{{- range splitList "," (tpl $v.kafka.bootstrapServers .) -}}
{{- $port := regexFind ":[0-9]+$" . | trimPrefix ":" -}}
{{- $kafka = append $kafka (dict "port" ($port | default $v.kafka.port | int)) -}}
{{- end -}}
{{- if eq $v.kafka.mode "strimzi" -}}{{- $kafka = list (dict "port" 9093) -}}{{- end -}}
{{ include "chassis.head" (list . "networking.k8s.io/v1" "NetworkPolicy" "") }}
spec:
  podSelector:
    matchLabels:
      {{- include "chassis.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: {{ toJson $v.network.clients }}
      ports: {{ toJson $ports }}
    - from: {{ toJson $v.network.operators }}
      ports: [{port: admin}]
  egress:
    - ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
      to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]
    - ports: {{ toJson (uniq $kafka) }}
    - ports: [{port: {{ include "chassis.text" $v.postgres.port }}}]
    - to: [{podSelector: {matchLabels: {app.kubernetes.io/name: accounts, app.kubernetes.io/part-of: kontor}}}]
      ports: [{port: 8080}]
    {{- with $v.network.egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end }}
