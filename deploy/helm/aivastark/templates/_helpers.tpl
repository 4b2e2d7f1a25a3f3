{{- define "aivastark.name" -}}
{{- if contains "aivastark" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-aivastark" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "aivastark.selector" -}}
app.kubernetes.io/name: aivastark
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "aivastark.labels" -}}
{{ include "aivastark.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "aivastark.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "aivastark.secret" -}}
{{ .Values.secret.existing | default (include "aivastark.name" .) }}
{{- end }}

{{- define "aivastark.claim" -}}
{{ .Values.data.existingClaim | default (printf "%s-data" (include "aivastark.name" .)) }}
{{- end }}

{{/* What every pod has in common; nobody but its own container writes to it, and that nowhere but to /data and /tmp. */}}
{{- define "aivastark.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 40
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "aivastark.container" -}}
image: {{ include "aivastark.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
envFrom:
  - secretRef:
      name: {{ include "aivastark.secret" . }}
{{- end }}

{{- define "aivastark.settings" -}}
- name: AIVASTARK_DATA_DIR
  value: /data
- name: AIVASTARK_LOG_FORMAT
  value: json
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "aivastark.probes" -}}
startupProbe:
  httpGet: {path: /v1/health/ready, port: http}
  periodSeconds: 2
  failureThreshold: 90
readinessProbe:
  httpGet: {path: /v1/health/ready, port: http}
  periodSeconds: 5
  timeoutSeconds: 4
livenessProbe:
  httpGet: {path: /v1/health/live, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end }}

{{- define "aivastark.volumes" -}}
- name: data
  persistentVolumeClaim:
    claimName: {{ include "aivastark.claim" . }}
- name: tmp
  emptyDir: {}
{{- end }}

{{- define "aivastark.mounts" -}}
- {name: data, mountPath: /data}
- {name: tmp, mountPath: /tmp}
{{- end }}
