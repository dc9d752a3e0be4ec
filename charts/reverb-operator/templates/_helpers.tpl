{{- define "reverb-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 53 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 53 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "reverb-operator.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "reverb-operator.labels" -}}
{{ include "reverb-operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "reverb-operator.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "reverb-operator.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.create is false: set serviceAccount.name to an account that exists" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "reverb-operator.image" -}}
{{- $name := .Values.image.repository -}}
{{- with .Values.image.registry }}{{ $name = printf "%s/%s" . $name }}{{ end -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $name .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* reverb-operator.default (dict "root" $ "given" "" "name" "reverb/server:1"): an image from the registry unless given */}}
{{- define "reverb-operator.default" -}}
{{- if .given -}}
{{- .given -}}
{{- else if .root.Values.image.registry -}}
{{- printf "%s/%s" .root.Values.image.registry .name -}}
{{- else -}}
{{- .name -}}
{{- end -}}
{{- end -}}
