#!/usr/bin/env bash
# Packs what a bare GPU machine needs besides this checkout: a Java runtime, the model's classes with
# their tests' checks and fixtures, and the few jars that they need. CUDA's own libraries, PyTorch and
# the driver are the machine's.
#
#   model/gpu/pack.sh FOLDER      after mvn -pl model test-compile (or package)
#
# Ends with the folder's size; more than 64 MiB is an error.
set -euo pipefail
[ $# -eq 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
target=$here/../target
mkdir -p "$1"
out=$(cd "$1" && pwd)
for folder in classes test-classes; do
  [ -d "$target/$folder" ] || { echo "pack.sh: $target/$folder does not exist; run mvn -pl model test-compile" >&2; exit 2; }
done
rm -rf "$out/jre" "$out/lib" "$out/native"
mkdir -p "$out/lib"
jlink --add-modules java.base,java.logging,java.management,java.naming,java.xml,jdk.unsupported \
  --strip-debug --no-header-files --no-man-pages --compress=2 --output "$out/jre"

repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
version() { sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" "$here/../../pom.xml" | head -1; }
javacpp=$(version javacpp.version)
cuda=$(version cuda.version)
cuda=${cuda/\$\{javacpp.version\}/$javacpp}
jar() { # group/artifact version [classifier]
  local file=$repository/$1/$2/${1##*/}-$2${3:+-$3}.jar
  [ -f "$file" ] || { echo "pack.sh: $file does not exist; run mvn -pl model test-compile" >&2; exit 2; }
  cp "$file" "$out/lib/"
}
jar org/bytedeco/javacpp "$javacpp"
jar org/bytedeco/javacpp "$javacpp" linux-x86_64
jar org/bytedeco/cuda "$cuda"
jar com/google/code/gson/gson "$(version gson.version)"
jar org/slf4j/slf4j-api "$(version slf4j.version)"
jar ch/qos/logback/logback-classic "$(version logback.version)"
jar ch/qos/logback/logback-core "$(version logback.version)"
# Of the presets' glue, what is called.
part=$(mktemp -d)
trap 'rm -rf "$part"' EXIT
(cd "$part" && unzip -q "$repository/org/bytedeco/cuda/$cuda/cuda-$cuda-linux-x86_64.jar" \
  'org/bytedeco/cuda/linux-x86_64/libjnicudart.so' 'org/bytedeco/cuda/linux-x86_64/libjnicublas.so' \
  'org/bytedeco/cuda/linux-x86_64/libjninvrtc.so' && zip -qr "$out/lib/cuda-glue.jar" org)
(cd "$target/classes" && zip -qr "$out/lib/model.jar" .)
(cd "$target/test-classes" && zip -qr "$out/lib/checks.jar" fixtures \
  'hrm/model/Fixtures.class' hrm/model/Cuda*.class)

# The runtime's zip wants zlib, which a bare machine may lack.
mkdir -p "$out/native"
zlib=$(ldd "$out/jre/lib/libzip.so" | sed -n 's/.*libz\.so\.1 => \(\S*\).*/\1/p')
[ -z "$zlib" ] || cp -L "$zlib" "$out/native/libz.so.1"

kib=$(du -sk --apparent-size "$out" | cut -f1)
printf '%s: %d.%d MiB (jre %s, jars %s)\n' "$out" $((kib / 1024)) $((kib % 1024 * 10 / 1024)) \
  "$(du -sh --apparent-size "$out/jre" | cut -f1)" "$(du -sh --apparent-size "$out/lib" | cut -f1)"
if files=$(git -C "$here" ls-files -z --full-name --cached --others --exclude-standard :/ 2>/dev/null |
  (cd "$here/../.." && du -ck --apparent-size --files0-from=- 2>/dev/null) | tail -1 | cut -f1); then
  kib=$((kib + files))
  printf 'with the checkout: %d MiB\n' $((kib / 1024))
fi
[ "$kib" -le $((64 * 1024)) ] || { echo "pack.sh: more than 64 MiB" >&2; exit 1; }
