#!/usr/bin/env bash
# One sitting on a machine with a GPU: checks the trainer against the golden values, then trains.
#
#   model/gpu/train.sh FOLDER MINUTES [PRESET] [more of train.py's options]
#
# FOLDER holds train.csv and test.csv and, from the second sitting on, what the one before left
# (checkpoint.N, log.jsonl, model/). Everything is written into $OUT. Ends with train.py's table.
set -euo pipefail

if [ $# -lt 2 ] || [ -z "${OUT:-}" ]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  [ -n "${OUT:-}" ] || echo "train.sh: OUT is not set; set it to the folder for results" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
minutes=$2
preset=${3:-muon-sudoku}
shift $(($# < 3 ? $# : 3))
config=$here/../src/main/resources/hrm/train/$preset.json
for file in "$folder/train.csv" "$folder/test.csv" "$config"; do
  [ -f "$file" ] || { echo "train.sh: $file does not exist" >&2; exit 2; }
done
started=$SECONDS
export PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

if [ -f "$folder/checkpoint.0" ]; then
  set -- --resume "$folder" "$@" # checked in its first sitting
else
  timeout 150 python3 "$here/check.py"
fi
# What the check took comes off the minutes.
left=$(awk -v m="$minutes" -v s=$((SECONDS - started)) 'BEGIN { printf "%.3f", m - s / 60 }')
exec python3 "$here/train.py" --config "$config" --data "$folder/train.csv" \
  --test "$folder/test.csv" --out "$OUT" --minutes "$left" "$@"
