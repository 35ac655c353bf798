#!/usr/bin/env bash
# Installs Julia 1.5.3 for this user alone, as Debian 11 packaged it: `make julia`.
#
#     tools/install-julia.sh [FOLDER]        default: ~/.cache/lyra/julia-1.5.3
#
# Nothing of the system is changed: no package sources, no package database, no root. The packages are
# unpacked into a folder of their own; the mirror is the one that this machine's apt already uses
# (LYRA_DEBIAN_MIRROR names another one). Needs apt-get and dpkg-deb.
set -euo pipefail

target=${1:-$HOME/.cache/lyra/julia-1.5.3}
if [ -x "$target/julia" ]; then
    "$target/julia" --version
    exit 0
fi

for tool in apt-get dpkg-deb; do
    command -v "$tool" > /dev/null || {
        echo "install-julia: $tool is needed; on other systems install Julia 1.5 or newer and set LYRA_JULIA" >&2
        exit 1
    }
done
mirror=${LYRA_DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 2> /dev/null | grep -E '/debian/?$' | head -1)}
if [ -z "$mirror" ]; then
    echo "install-julia: no Debian mirror among apt's sources; name one in LYRA_DEBIAN_MIRROR" >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,etc}
: > "$work/status"
printf 'Types: deb\nURIs: %s\nSuites: bullseye\nComponents: main\nSigned-By: %s\n' \
    "$mirror" /usr/share/keyrings/debian-archive-keyring.gpg > "$work/etc/bullseye.sources"
apt=(
    apt-get -qq
    -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/etc" -o Dir::Etc::PreferencesParts=/dev/null
    -o Dir::State::Lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::State::extended_states="$work/ext"
    -o Dir::Cache="$work/cache" -o APT::Install-Recommends=false -o APT::Sandbox::User=root
    -o Acquire::Languages=none -o Acquire::Retries=3 -o Debug::NoLocking=1
)
"${apt[@]}" update

# Everything Julia depends on, less what must be the host's own (the C and C++ runtime) and what only
# maintainer scripts use.
hosts='libc6|libcrypt1|gcc-10-base|libgcc-s1|libstdc\+\+6|dpkg|tar|debconf|perl-base|adduser|passwd'
hosts+='|libselinux1|libpam.*|libaudit.*|libsemanage.*|libsepol.*|libacl1|libattr1'
mapfile -t packages < <("${apt[@]}" -s install julia | awk '/^Inst/ { print $2 }' | grep -vxE "$hosts")
(cd "$work/cache/archives" && "${apt[@]}" download "${packages[@]}")

mkdir -p "$(dirname "$target")"
rm -rf "$target.new"
mkdir "$target.new"
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$target.new"
done
rm -rf "$target.new"/usr/share/{doc,man,locale,lintian}
cat > "$target.new/julia" << 'START'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
for folder in "$here"/usr/lib/*-linux-gnu; do libraries=$folder; done
system=$here/lib/$(basename "$libraries")
export LD_LIBRARY_PATH="$libraries:$libraries/julia:$system${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$here/usr/bin/julia" "$@"
START
chmod +x "$target.new/julia"
rm -rf "$target"
mv "$target.new" "$target"
"$target/julia" -e 'println("julia ", VERSION, ": sqrt(2) = ", sqrt(2))'
