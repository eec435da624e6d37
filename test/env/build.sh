#!/usr/bin/env bash
# Finds or builds the real servers of the test environment and prints the directory of links to them.
#
#   test/env/build.sh [TOOL...]      default: all
#
# A tool is taken, in this order, from $KUBEBUILDER_ASSETS, from PATH (when its version fits) and from the cache
# ($CHARTROOM_CACHE, default ~/.cache/chartroom); else it is built from its Go module, about 10 minutes for all on 2 cores,
# once per version. Progress goes to standard error; standard output is one line, the directory.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${CHARTROOM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/chartroom}

say() { printf '[env] %s\n' "$*" >&2; }

# module, package and the least acceptable `--version` output (extended regex) of each tool
declare -A module=(
  [helm]=helm [etcd]=etcd [registry]=registry [kwok]=kwok
  [kubectl]=kubernetes [kube-apiserver]=kubernetes [kube-controller-manager]=kubernetes [kube-scheduler]=kubernetes
)
declare -A package=(
  [helm]=helm.sh/helm/v4/cmd/helm
  [etcd]=go.etcd.io/etcd/server/v3
  [registry]=github.com/distribution/distribution/v3/cmd/registry
  [kwok]=sigs.k8s.io/kwok/cmd/kwok
  [kubectl]=k8s.io/kubernetes/cmd/kubectl
  [kube-apiserver]=k8s.io/kubernetes/cmd/kube-apiserver
  [kube-controller-manager]=k8s.io/kubernetes/cmd/kube-controller-manager
  [kube-scheduler]=k8s.io/kubernetes/cmd/kube-scheduler
)
# The order is the order of need: what a first test wants comes first, the slow API server last.
order=(helm etcd registry kwok kubectl kube-scheduler kube-controller-manager kube-apiserver)

version_of() { # the version of the tool's module in its go.mod
  case $1 in
    etcd) awk '$1 == "go.etcd.io/etcd/server/v3" {print $2}' "$here/modules/etcd/go.mod" ;;
    helm) awk '$1 == "helm.sh/helm/v4" {print $2}' "$here/modules/helm/go.mod" ;;
    kwok) awk '$1 == "sigs.k8s.io/kwok" {print $2}' "$here/modules/kwok/go.mod" ;;
    registry) awk '$1 == "github.com/distribution/distribution/v3" {print $2}' "$here/modules/registry/go.mod" ;;
    *) awk '$1 == "k8s.io/kubernetes" {print $2}' "$here/modules/kubernetes/go.mod" ;;
  esac
}

fits() { # tool, path: is this binary, found outside the cache, new enough for the tests?
  local out
  case $1 in
    helm) out=$("$2" version --short 2>/dev/null) && [[ $out == "$(version_of helm)"* ]] ;;
    etcd) out=$("$2" --version 2>/dev/null) && [[ $out =~ Version:\ 3\.([6-9]|[1-9][0-9]) ]] ;;
    kwok) out=$("$2" --version 2>/dev/null) && [[ $out =~ v0\.([7-9]|[1-9][0-9]) ]] ;;
    kubectl) out=$("$2" version --client 2>/dev/null) && [[ $out =~ v1\.3[4-9] ]] ;;
    registry) out=$("$2" --version 2>/dev/null) && [[ $out =~ v3\. ]] ;;
    *) out=$("$2" --version 2>/dev/null) && [[ $out =~ v1\.3[4-9] ]] ;;
  esac
}

build() { # tool, target
  local name=$1 target=$2 version ldflags
  command -v go >/dev/null || { say "cannot build $name: no Go toolchain on PATH (install Go >= 1.26, or set KUBEBUILDER_ASSETS)"; exit 1; }
  version=$(version_of "$name")
  ldflags='-s -w'
  case ${module[$name]} in
    kubernetes) ldflags+=" -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/client-go/pkg/version.gitVersion=$version" ;;
    helm) ldflags+=" -X helm.sh/helm/v4/internal/version.version=$version" ;;
    registry) ldflags+=" -X github.com/distribution/distribution/v3/version.version=$version" ;;
    kwok) ldflags+=" -X sigs.k8s.io/kwok/pkg/consts.Version=$version" ;;
  esac
  local started=$SECONDS
  (cd "$here/modules/${module[$name]}" && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -trimpath -buildvcs=false \
    -ldflags "$ldflags" -o "$target.tmp" "${package[$name]}") >&2 &
  local pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    if (((SECONDS - started) % 20 == 0)); then say "building $name $version … $((SECONDS - started)) s"; fi
  done
  wait "$pid" || { say "building $name failed"; exit 1; }
  mv "$target.tmp" "$target"
  say "built $name $version in $((SECONDS - started)) s"
}

place() { # tool: prints where it is, building it when nothing is there
  local name=$1 found
  found=${KUBEBUILDER_ASSETS:+$KUBEBUILDER_ASSETS/$name}
  if [[ -n $found && -x $found ]]; then echo "$found"; return; fi
  found=$(command -v "$name" || true)
  if [[ -n $found ]] && fits "$name" "$found"; then echo "$found"; return; fi
  found=$cache/bin/$name-$(version_of "$name")
  [[ -x $found ]] || build "$name" "$found"
  echo "$found"
}

main() {
  local wanted=("$@") links name path
  ((${#wanted[@]})) || wanted=("${order[@]}")
  links=$cache/assets
  mkdir -p "$cache/bin" "$links"
  exec 9>"$cache/build.lock"
  flock -n 9 || { say "another build is running; waiting for it"; flock 9; }
  for name in "${order[@]}"; do
    [[ " ${wanted[*]} " == *" $name "* ]] || continue
    path=$(place "$name")
    ln -sfn "$path" "$links/$name"
  done
  echo "$links"
}
main "$@"
