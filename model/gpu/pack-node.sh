#!/usr/bin/env bash
# Packs a whole node and a broker for a bare GPU machine, in one file: a Java runtime, the jars
# without ND4J's part and with the natives of x86-64 Linux alone. See serve.sh.
#
#   model/gpu/pack-node.sh FOLDER      after mvn -DskipTests package
#
# Ends with the file's size; with the checkout, more than 64 MiB is an error.
set -euo pipefail
[ $# -eq 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
home=$here/../..
archive=$(ls -t "$home"/docker/target/hrm-*.tar.gz 2>/dev/null | head -1 || true) # the newest
[ -f "$archive" ] || { echo "pack-node.sh: docker/target has no archive; run mvn -DskipTests package" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/all" "$work/node"
tar -xzf "$archive" -C "$work/all" --strip-components=1

# Jars are stored, not deflated, so that the one compression of the whole sees what they share.
unused='nd4j|openblas|bc[a-z]+-jdk|asm-|byteunits|commons-(codec|coll|comp|io|lang|math|net)|flatbuffers'
unused="^lib/($unused|guava|jackson-1|protobuf-1|jffi|jna|jnr|lmdbjava|neoitertools|oshi|threetenbp)"
(cd "$work/all" && printf '%s\n' lib/*.jar lib/broker/*.jar | grep -vE "$unused") | while read -r jar; do
  mkdir -p "$work/node/$(dirname "$jar")"
  twin=$work/node/lib/$(basename "$jar")
  if [[ $jar == lib/broker/* && -f $twin ]]; then
    ln "$twin" "$work/node/$jar"
    continue
  fi
  part=$(mktemp -d -p "$work")
  unzip -q "$work/all/$jar" -d "$part"
  find "$part" -type f -regex '.*\.\(so\|dll\|dylib\|jnilib\)' \
    ! -iregex '.*linux[-/]?\(x86_64\|amd64\)/.*' -delete
  find "$part" -path '*/bytedeco/cuda/*.so' ! -regex '.*jni\(cudart\|cublas\|nvrtc\).so' -delete
  (cd "$part" && zip -q0r "$work/node/$jar" .)
  rm -rf "$part"
done

jlink --add-modules java.se,jdk.unsupported,jdk.httpserver,jdk.crypto.ec,jdk.jfr,jdk.management,jdk.net \
  --strip-debug --no-header-files --no-man-pages --compress=0 --output "$work/node/jre"
mkdir "$work/node/native"
zlib=$(ldd "$work/node/jre/lib/libzip.so" | sed -n 's/.*libz\.so\.1 => \(\S*\).*/\1/p')
[ -z "$zlib" ] || cp -L "$zlib" "$work/node/native/libz.so.1"
tar -C "$work" -cf - node | xz -T0 -6 > "$out/node.tar.xz"

kib=$(du -k --apparent-size "$out/node.tar.xz" | cut -f1)
echo "$out/node.tar.xz: $((kib / 1024)) MiB"
if files=$(git -C "$here" ls-files -z --full-name --cached --others --exclude-standard :/ 2>/dev/null |
  (cd "$home" && du -ck --apparent-size --files0-from=- 2>/dev/null) | tail -1 | cut -f1); then
  kib=$((kib + files))
  echo "with the checkout: $((kib / 1024)) MiB"
fi
[ "$kib" -le $((64 * 1024)) ] || { echo "pack-node.sh: more than 64 MiB" >&2; exit 1; }
