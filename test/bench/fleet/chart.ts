import { packChart } from '../../env/charts.ts';

const helpers = `{{- define "fleet.name" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- define "fleet.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
{{- define "fleet.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "fleet.name" . }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {{- include "fleet.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "fleet.labels" . | nindent 8 }}
      annotations:
        checksum/config: {{ .Values | toJson | sha256sum }}
    spec:
      serviceAccountName: {{ include "fleet.name" . }}
      securityContext: {{- toYaml .Values.podSecurityContext | nindent 8 }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          ports:
            {{- range $name, $port := .Values.ports }}
            - name: {{ $name }}
              containerPort: {{ $port }}
              protocol: TCP
            {{- end }}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name | upper }}
              value: {{ tpl $value $ | quote }}
            {{- end }}
          livenessProbe:
            httpGet: {path: /healthz, port: http}
            initialDelaySeconds: {{ .Values.probes.delay }}
          readinessProbe:
            httpGet: {path: /readyz, port: http}
          resources: {{- toYaml .Values.resources | nindent 12 }}
`;

const service = `apiVersion: v1
kind: Service
metadata:
  name: {{ include "fleet.name" . }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
spec:
  type: ClusterIP
  ports:
    {{- range $name, $port := .Values.ports }}
    - {name: {{ $name }}, port: {{ $port }}, targetPort: {{ $name }}, protocol: TCP}
    {{- end }}
  selector: {{- include "fleet.selector" . | nindent 4 }}
`;

const serviceAccount = `{{- if .Values.serviceAccount.create }}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "fleet.name" . }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
{{- end }}
`;

const ingress = `{{- if .Values.ingress.enabled }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "fleet.name" . }}
  labels: {{- include "fleet.labels" . | nindent 4 }}
spec:
  rules:
    - host: {{ .Release.Name }}.{{ .Values.ingress.domain }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ include "fleet.name" . }}
                port: {name: http}
{{- end }}
`;

export const fleetFiles: Readonly<Record<string, string>> = {
  'templates/_helpers.tpl': helpers,
  'templates/deployment.yaml': deployment,
  'templates/service.yaml': service,
  'templates/serviceaccount.yaml': serviceAccount,
  'templates/ingress.yaml': ingress,
  'templates/NOTES.txt': 'Release {{ .Release.Name }} of {{ .Chart.Name }} is in {{ .Release.Namespace }}.\n',
};

export const fleetValues = `replicas: 0
labels: {team: platform}
image: {repository: registry.example/fleet, tag: "", pullPolicy: IfNotPresent}
ports: {http: 8080, metrics: 9090}
env: {greeting: "hello from {{ .Release.Name }}", level: info}
probes: {delay: 5}
podSecurityContext: {runAsNonRoot: true, fsGroup: 2000}
resources: {limits: {cpu: 100m, memory: 128Mi}, requests: {cpu: 10m, memory: 32Mi}}
serviceAccount: {create: true}
ingress: {enabled: true, domain: fleet.example}
`;

/** The chart that all releases of the fleet share: Deployment (0 replicas), Service, ServiceAccount, Ingress. */
export function fleetChart(version: string): Uint8Array {
  return packChart({ name: 'fleet', version, files: fleetFiles, values: fleetValues });
}
