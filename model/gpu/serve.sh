#!/usr/bin/env bash
# The main job on a bare GPU machine: puzzles through Kafka to a node whose planners and workers live
# on the GPU, for each bundled model. OUT receives doctor.txt, a JSON file a model and serve.log.
#
#   model/gpu/serve.sh OUT [BUNDLE]
#
# BUNDLE: the folder of model/gpu/pack-node.sh, .gpu-node if not given. $PUZZLES of each model, 1000 if
# not set. Ends with status 0 when the GPU was used and every job came back exactly once.
set -uo pipefail
[ $# -ge 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && out=$(cd "$1" && pwd)
packed=${2:-$here/../../.gpu-node}/node.tar.xz
[ -f "$packed" ] || {
  echo "serve.sh: $packed does not exist; make it with model/gpu/pack-node.sh" >&2
  exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$packed" "$work" || exit 2
home=$work/node
ln -s "$(cd "$here/../../models" && pwd)" "$home/models"
. "$here/libraries.sh" "$home/native"
export XDG_CACHE_HOME=${XDG_CACHE_HOME:-$work/cache} HRM_BACKEND=cuda
export HRM_JAVA_OPTS="-Djava.library.path=$LD_LIBRARY_PATH -Dorg.bytedeco.javacpp.pathsFirst=true ${HRM_JAVA_OPTS:-}"
# shellcheck disable=SC2086 # several options in one text
hrm() { timeout 150 "$home/jre/bin/java" "-Dhrm.home=$home" $HRM_JAVA_OPTS -cp "$home/lib/*" hrm.cluster.Main "$@"; }

hrm doctor > "$out/doctor.txt" 2>&1
grep -E '^(gpu|cpu|java) ' "$out/doctor.txt"
status=0
grep -qE '^gpu +ok' "$out/doctor.txt" || { echo "serve.sh: no GPU is used; see doctor.txt" >&2; status=1; }
for set in sudoku-4x4 sudoku-6x6 sudoku-9x9; do
  # The second time nothing is compiled.
  for run in first second; do
    if HRM_DEBUG=1 hrm demo --set "$set" --puzzles ${PUZZLES:-1000} --json > "$out/$set-$run.json" 2> "$out/demo.log"; then
      printf '%s, %s run: ' "$set" "$run"
      cat "$out/$set-$run.json"
    else
      echo "$set, $run run: status $?; see serve.log"
      status=1
    fi
    grep -E 'is warm |the first puzzle |has failed|backend="' "$out/demo.log" | sed 's/^\[node\] //; s/^[0-9:.]* INFO *//; s/^ready.*backend=/backend=/'
    cat "$out/demo.log" >> "$out/serve.log"
    rm "$out/demo.log"
  done
done
exit "$status"
