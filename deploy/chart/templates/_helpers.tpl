{{/* A release may have dots in its name, a Service may not. */}}
{{- define "captions.name" -}}
{{- .Release.Name | replace "." "-" | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "captions.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "captions.labels" -}}
{{ include "captions.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | quote }}
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
    value: {{ if and (kindIs "float64" $value) (eq (floor $value) $value) }}{{ $value | int64 | quote }}{{ else }}{{ $value | toString | quote }}{{ end }}
  {{- end }}
{{- with .Values.secrets.more }}
envFrom:
  {{- range . }}
  - secretRef: { name: {{ . | quote }} }
  {{- end }}
{{- end }}
{{- end -}}

{{/* What a pod may do, where it may run, and where its transcripts are: of a worker, and of `captions check`. */}}
{{- define "captions.pod" -}}
serviceAccountName: {{ include "captions.serviceAccount" . | quote }}
automountServiceAccountToken: false
# A service called "pulse" would otherwise put PULSE_PORT among the options of the speech API.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.transcripts }}
{{- if .enabled }}
volumes:
  - name: transcripts
    {{- if .persistence.enabled }}
    persistentVolumeClaim:
      claimName: {{ .persistence.existingClaim | default (printf "%s-transcripts" (include "captions.name" $)) | quote }}
    {{- else }}
    emptyDir:
      sizeLimit: {{ .emptyDir.sizeLimit | quote }}
    {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "captions.volumeMounts" -}}
{{- if .Values.transcripts.enabled -}}
volumeMounts:
  - name: transcripts
    mountPath: /transcripts
{{- end }}
{{- end -}}

{{- define "captions.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
