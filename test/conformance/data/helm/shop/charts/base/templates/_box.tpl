{{- define "base.box" -}}box: {{ . | upper }}{{- end -}}
