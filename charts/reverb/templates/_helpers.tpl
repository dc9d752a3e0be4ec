{{- define "reverb.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 53 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 53 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* reverb.selector (dict "root" $ "component" "server") */}}
{{- define "reverb.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "reverb.labels" -}}
{{ include "reverb.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "reverb.image" -}}
{{- $name := .Values.image.repository -}}
{{- with .Values.image.registry }}{{ $name = printf "%s/%s" . $name }}{{ end -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $name .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "reverb.configSecret" -}}
{{- default (printf "%s-config" (include "reverb.fullname" .)) .Values.existingConfigSecret -}}
{{- end -}}

{{/* What clients connect to, as JSON: host, port, scheme. */}}
{{- define "reverb.public" -}}
{{- if .Values.public.host -}}
{{- dict "host" .Values.public.host "port" .Values.public.port "scheme" .Values.public.scheme | toJson -}}
{{- else if .Values.ingress.enabled -}}
{{- $tls := not (empty .Values.ingress.tlsSecret) -}}
{{- dict "host" .Values.ingress.host "port" (ternary 443 80 $tls) "scheme" (ternary "https" "http" $tls) | toJson -}}
{{- else if and .Values.gateway.enabled .Values.gateway.hostnames -}}
{{- dict "host" (first .Values.gateway.hostnames) "port" 443 "scheme" "https" | toJson -}}
{{- else -}}
{{- $tls := not (empty .Values.tls.secretName) -}}
{{- dict "host" (printf "%s.%s.svc" (include "reverb.fullname" .) .Release.Namespace) "port" .Values.service.port "scheme" (ternary "https" "http" $tls) | toJson -}}
{{- end -}}
{{- end -}}

{{/* Where back ends send their requests, as JSON: the inner Service of the HTTP API where it is apart. */}}
{{- define "reverb.backend" -}}
{{- if .Values.api.enabled -}}
{{- $tls := not (empty .Values.tls.secretName) -}}
{{- dict "host" (printf "%s-api.%s.svc" (include "reverb.fullname" .) .Release.Namespace) "port" .Values.service.port "scheme" (ternary "https" "http" $tls) | toJson -}}
{{- else -}}
{{- include "reverb.public" . -}}
{{- end -}}
{{- end -}}

{{/* reverb.kept (dict "root" $ "secret" "name" "key" "KEY" "given" "" "length" 20): given, else what the Secret holds, else new */}}
{{- define "reverb.kept" -}}
{{- if .given -}}
{{- .given -}}
{{- else -}}
{{- $held := lookup "v1" "Secret" .root.Release.Namespace .secret -}}
{{- if and $held (hasKey (default dict $held.data) .key) -}}
{{- index $held.data .key | b64dec -}}
{{- else -}}
{{- randAlphaNum .length | lower -}}
{{- end -}}
{{- end -}}
{{- end -}}
