# CUDA 13's libraries on this machine, with a colon between their folders, in $libraries: those of
# PyTorch's wheels, then a toolkit's; last those of the folder given. To be sourced.
libraries=$(python3 - <<'PYTHON' 2>/dev/null
import glob, os, sysconfig
site = sysconfig.get_paths()["purelib"]
print(":".join(sorted({os.path.dirname(f) for name in ("cudart", "cublasLt", "nvrtc")
                       for f in glob.glob(f"{site}/nvidia/**/lib{name}.so.13", recursive=True)})))
PYTHON
)
for folder in /usr/local/cuda/lib64 /usr/local/cuda-13*/lib64 /usr/local/nvidia/lib64 "$1"; do
  [ -d "$folder" ] && libraries=${libraries:+$libraries:}$folder
done
export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$libraries
