{{- define "captions.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "captions.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "captions.labels" -}}
{{ include "captions.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "captions.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "captions.name" .) -}}
{{- end -}}

{{- define "captions.image" -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
{{- end -}}

{{/* What a worker has in its environment, and `captions check` too. */}}
{{- define "captions.env" -}}
env:
  {{- with .Values.secrets }}
  - name: LIVEKIT_API_KEY
    valueFrom: { secretKeyRef: { name: {{ .existingSecret | quote }}, key: {{ .livekitApiKey | quote }} } }
  - name: LIVEKIT_API_SECRET
    valueFrom: { secretKeyRef: { name: {{ .existingSecret | quote }}, key: {{ .livekitApiSecret | quote }} } }
  - name: SMALLEST_API_KEY
    valueFrom: { secretKeyRef: { name: {{ .existingSecret | quote }}, key: {{ .smallestApiKey | quote }} } }
  {{- end }}
  - name: HEALTH_PORT
    value: {{ .Values.healthPort | quote }}
  - name: DRAIN_SECONDS
    value: {{ .Values.drainSeconds | quote }}
  - name: TRANSCRIPT_DIR
    value: {{ ternary "/transcripts" "" .Values.transcripts.enabled | quote }}
  {{- range $name, $value := .Values.config }}
  - name: {{ $name }}
    {{- /* A whole number of YAML is one of Go with an exponent. */}}
    value: {{ if kindIs "float64" $value }}{{ $value | int64 | quote }}{{ else }}{{ $value | toString | quote }}{{ end }}
  {{- end }}
{{- with .Values.secrets.more }}
envFrom:
  {{- range . }}
  - secretRef: { name: {{ . | quote }} }
  {{- end }}
{{- end }}
{{- end -}}

{{- define "captions.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "captions.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
