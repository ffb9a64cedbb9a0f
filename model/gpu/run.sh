#!/usr/bin/env bash
# Everything about the CUDA backend on a bare GPU machine, in one call of minutes: golden values
# in float32 and bfloat16, every kernel, memory; HRM's full size beside PyTorch; compute-sanitizer
# where it runs; a table at the end. OUT receives run.log, table.txt and a JSON file for each part.
#
#   model/gpu/run.sh OUT [BUNDLE] [PARTS]
#
# BUNDLE: the folder of model/gpu/pack.sh, .gpu-bundle if not given. PARTS: some of "check bench torch
# sanitize", for a shorter run. Ends with status 0 when every check passed.
set -uo pipefail
[ $# -ge 1 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && out=$(cd "$1" && pwd)
bundle=${2:-$here/../../.gpu-bundle}
parts=" ${3:-check bench torch sanitize} "
[ -x "$bundle/jre/bin/java" ] || {
  echo "run.sh: $bundle/jre/bin/java does not exist; make the bundle with model/gpu/pack.sh" >&2
  exit 2
}
bundle=$(cd "$bundle" && pwd)
started=$SECONDS
status=0
part() { # NAME TITLE: whether it is asked for; what it prints goes to run.log too
  [[ $parts == *" $1 "* ]] && printf '\n== %s (%d s)\n' "$2" $((SECONDS - started)) | tee -a "$out/run.log"
}
left() { # MOST: the seconds it may take
  local rest=$((575 - SECONDS + started))
  echo $((rest < $1 ? rest : $1))
}

. "$here/libraries.sh" "$bundle/native"
export XDG_CACHE_HOME=${XDG_CACHE_HOME:-$(mktemp -d)} PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
java=("$bundle/jre/bin/java" "-Djava.library.path=$LD_LIBRARY_PATH"
  -Dorg.bytedeco.javacpp.pathsFirst=true -cp "$bundle/lib/*")
{
  nvidia-smi --query-gpu=name,compute_cap,driver_version,memory.total --format=csv,noheader
  echo "libraries: $LD_LIBRARY_PATH"
} 2>&1 | tee "$out/run.log"

if part check "golden values, kernels, memory"; then
  timeout "$(left 170)" "${java[@]}" -Xmx12g hrm.model.CudaCheck "$out/check.json" all > "$out/check.log" 2>&1
  status=$?
  cat "$out/check.log" >> "$out/run.log"
  grep -v '^ok' "$out/check.log" | tail -60
  [ -f "$out/check.json" ] || { echo "run.sh: the checks did not end (status $status)"; tail -5 "$out/check.log"; }
  rm "$out/check.log"
fi

if part bench "benchmark"; then
  timeout "$(left 150)" "${java[@]}" -Xmx24g hrm.model.cuda.CudaBench "$out/bench.json" 110 2>&1 |
    tee -a "$out/run.log"
fi

if part torch "PyTorch"; then
  if python3 -c 'import torch' 2>/dev/null; then
    (cd "$here" && timeout "$(left 240)" python3 bench.py "$out/torch.json" --beside "$out/bench.json" \
      --seconds $(($(left 240) - 30)) --table "$out/table.txt") 2>&1 | tee -a "$out/run.log"
  else
    echo "no PyTorch here: nothing to compare"
  fi
fi

if part sanitize "compute-sanitizer"; then
  sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda*/bin/compute-sanitizer 2>/dev/null | head -1)
  races() { # LOG: the kernels that races are reported in; those of cublasLt are NVIDIA's
    sed -nE 's/.*Race reported between .* at ([A-Za-z0-9_]+)\+.*/\1/p' "$1" | sort | uniq -c |
      sed -E 's/^ *([0-9]+) (nvjet|cutlass|.*gemm)(.*)/  \1 in \2\3 of cublasLt/; t; s/^ *([0-9]+) /  \1 IN OUR /'
  }
  sanitize() { # MODE SECONDS OPTIONS...
    local mode=$1 seconds=$2 found
    shift 2
    [ "$(left "$seconds")" -gt 20 ] || { echo "not run for want of time: $*"; return; }
    timeout "$(left "$seconds")" "$sanitizer" --launch-timeout 120 --error-exitcode 9 "$@" \
      "${java[@]}" -Xmx4g hrm.model.CudaCheck "$out/sanitizer.json" "$mode" > "$out/sanitizer.log" 2>&1
    found=$?
    [ "$mode" != sanitize ] || [ "$found" -ne 9 ] || status=1 # races may be cublasLt's
    echo "$*: status $found (0: nothing found, 9: errors, 124: out of time)" | tee -a "$out/run.log"
    races "$out/sanitizer.log" | tee -a "$out/run.log"
    grep -E 'ERROR SUMMARY|RACECHECK SUMMARY|Invalid|hazard|not supported|checks,' "$out/sanitizer.log" | head -10
    cat "$out/sanitizer.log" >> "$out/run.log"
    rm "$out/sanitizer.log"
  }
  if [ -n "$sanitizer" ]; then
    sanitize sanitize 120 --tool memcheck
    sanitize races 120 --tool racecheck
  else
    echo "no compute-sanitizer here"
  fi
fi

printf '\n== result (%d s)\n' $((SECONDS - started))
[ ! -f "$out/table.txt" ] || cat "$out/table.txt"
grep -hE '^[0-9]+ checks' "$out/run.log"
exit "$status"
