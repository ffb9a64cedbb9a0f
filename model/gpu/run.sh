#!/usr/bin/env bash
# Everything about the CUDA backend on a bare GPU machine, in one call under 10 minutes: golden values
# in float32 and bfloat16, every kernel, memory; compute-sanitizer where it runs; HRM's full size
# beside PyTorch; a table at the end. OUT receives run.log, table.txt and a JSON file for each part.
#
#   model/gpu/run.sh OUT [BUNDLE]      BUNDLE: the folder of model/gpu/pack.sh, .gpu-bundle if not given
#
# Ends with status 0 when every golden check passed.
set -uo pipefail
[ $# -ge 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && out=$(cd "$1" && pwd)
bundle=${2:-$here/../../.gpu-bundle}
java=$bundle/jre/bin/java
[ -x "$java" ] || { echo "run.sh: $java does not exist; make the bundle with model/gpu/pack.sh" >&2; exit 2; }
started=$SECONDS
logs=$(mktemp -d)
trap 'tail -n +1 "$logs"/*.log > "$out/run.log" 2>/dev/null; rm -rf "$logs"' EXIT
say() { printf '\n== %s (%d s)\n' "$1" $((SECONDS - started)); }

# CUDA 13's libraries: those of PyTorch's wheels, then a toolkit's.
libraries=$(python3 - <<'PYTHON' 2>/dev/null
import glob, os, sysconfig
site = sysconfig.get_paths()["purelib"]
print(":".join(sorted({os.path.dirname(f) for name in ("cudart", "cublasLt", "nvrtc")
                       for f in glob.glob(f"{site}/nvidia/**/lib{name}.so.13", recursive=True)})))
PYTHON
)
for folder in /usr/local/cuda/lib64 /usr/local/cuda-13*/lib64 /usr/local/nvidia/lib64; do
  [ -d "$folder" ] && libraries=${libraries:+$libraries:}$folder
done
export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$libraries
export XDG_CACHE_HOME=${XDG_CACHE_HOME:-$(mktemp -d)} PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
nvidia-smi --query-gpu=name,compute_cap,driver_version,memory.total --format=csv,noheader | tee "$logs/gpu.log"
echo "libraries: $LD_LIBRARY_PATH"

say "golden values, kernels, memory"
timeout 170 "$java" -Xmx12g -cp "$bundle/lib/*" hrm.model.CudaCheck "$out/check.json" all > "$logs/check.log" 2>&1
status=$?
grep -v '^ok' "$logs/check.log" | tail -60
[ -f "$out/check.json" ] || { echo "run.sh: the checks did not end (status $status); see run.log"; tail -5 "$logs/check.log"; }

say "benchmark"
timeout 130 "$java" -Xmx24g -cp "$bundle/lib/*" hrm.model.cuda.CudaBench "$out/bench.json" 90 2>&1 | tee "$logs/bench.log"

say "PyTorch"
if python3 -c 'import torch' 2>/dev/null && [ -f "$out/bench.json" ]; then
  (cd "$here" && timeout 190 python3 bench.py "$out/torch.json" --beside "$out/bench.json" --seconds 130) 2>&1 | tee "$logs/torch.log"
else
  echo "no PyTorch here, or no benchmark of ours: nothing to compare"
fi

say "compute-sanitizer"
sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda*/bin/compute-sanitizer 2>/dev/null | head -1)
left=$((570 - SECONDS + started))
if [ -n "$sanitizer" ] && [ "$left" -gt 30 ]; then
  timeout $((left < 120 ? left : 120)) "$sanitizer" --tool memcheck --error-exitcode 9 "$java" -Xmx4g \
    -cp "$bundle/lib/*" hrm.model.CudaCheck "$out/sanitizer.json" sanitize > "$logs/sanitizer.log" 2>&1
  echo "status $? (0: nothing found, 9: errors, 124: out of time)"
  grep -E 'ERROR SUMMARY|Invalid|Device not supported|checks,' "$logs/sanitizer.log" | head -10
else
  echo "not run: ${sanitizer:-no compute-sanitizer}, $left s left"
fi

say "result"
grep -A30 '^roof, bf16' "$logs/torch.log" 2>/dev/null | tee "$out/table.txt"
[ -s "$out/table.txt" ] || cp "$logs/bench.log" "$out/table.txt" # PyTorch did not come to its end
grep -hE '^[0-9]+ checks' "$logs/check.log"
exit "$status"
