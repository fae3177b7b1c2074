#!/usr/bin/env bash
# dist/ctibridge_VERSION_ARCH.deb: the locked dependencies and this tree in a virtual environment under /opt/ctibridge, made
# for the Python of the Debian that builds it; installing needs no network. dpkg-deb and nothing else: dh-virtualenv had its
# last release in 2020, and what it does beside a venv is to mend the paths that pip writes. Here nothing has any.
#
#     packaging/deb.sh [FOLDER]      FOLDER: where the package goes; dist/ if not named
#
# Two builds of one commit are equal, byte for byte. PYTHON: Debian's own. COMPRESSION: none for who only tries.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."

out=${1:-dist}
python=${PYTHON:-/usr/bin/python3}
compression=${COMPRESSION:-xz}
home=/opt/ctibridge
pip=(.venv/bin/pip -qq --disable-pip-version-check --no-cache-dir --python)
parts=packaging/debian

export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y pyproject.toml)}
# The order in which a set is compiled is chance otherwise.
export PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1

say() { echo "deb: $*" >&2; }
command -v dpkg-deb >/dev/null || { say "dpkg-deb is missing: this needs a Debian"; exit 1; }
"$python" -c 'import venv' 2>/dev/null || { say "$python has no venv: apt install python3-venv"; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root$home" "$root/DEBIAN" "$out"

# -- the program ---------------------------------------------------------------------------------------------------------

"$python" -m venv --without-pip "$root$home"
inner=$("$python" -c 'import sys; print(f"python{sys.version_info.major}.{sys.version_info.minor}")')
"${pip[@]}" "$root$home/bin/python" install --no-compile --only-binary :all: --require-hashes -r requirements/run.txt
.venv/bin/python -m hatchling build --target wheel --directory "$work" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
version=$(.venv/bin/python -c 'import ctibridge; print(ctibridge.__version__)')
# By its name: of a path pip would keep where it was.
"${pip[@]}" "$root$home/bin/python" install --no-compile --no-index --no-deps --find-links "$work" "ctibridge==$version"

# Other programs' commands and the shells' scripts have the path of this build in them, and nobody calls them.
find "$root$home/bin" -mindepth 1 -not -name 'python*' -delete
rm -rf "$root$home/include" "$root$home/lib64"
# What pip needs to take them away again, with the sums of those commands; dpkg does that here.
find "$root$home" -name RECORD -path '*.dist-info/RECORD' -delete
ln -sfn "/usr/bin/$inner" "$root$home/bin/python3"
sed -i '/^command = /d' "$root$home/pyvenv.cfg"
site=$root$home/lib/$inner/site-packages
find "$site" -name tests -type d -prune -exec rm -r {} +
find "$site" -type f -name '*.so*' -exec chmod 644 {} +
# -I: root's commands take no code from the folder, the home or the environment in which they are typed.
printf '#!%s/bin/python3 -I\nimport sys\n\nfrom ctibridge.cli import main\n\nsys.exit(main())\n' "$home" >"$root$home/bin/ctibridge"
chmod 755 "$root$home/bin/ctibridge"
install -d "$root/usr/bin"
ln -s "$home/bin/ctibridge" "$root/usr/bin/ctibridge"
# The service may not write beside the program; dpkg alone changes it, so that nobody need compare the times.
"$root$home/bin/python" -m compileall -qq -j 0 --invalidation-mode unchecked-hash -s "$root" -p / "$site"

# -- what lies beside it -------------------------------------------------------------------------------------------------

put() { install -D -m "$1" "$2" "$root$3"; }
put 644 systemd/ctibridge.service /lib/systemd/system/ctibridge.service
for unit in systemd/ctibridge-*.{service,timer}; do put 644 "$unit" "/lib/systemd/system/${unit##*/}"; done
put 644 systemd/user/ctibridge-watch.service /usr/lib/systemd/user/ctibridge-watch.service
put 644 systemd/ctibridge.sysusers.conf /usr/lib/sysusers.d/ctibridge.conf
put 644 config/sysctl.d/60-ctibridge.conf /usr/lib/sysctl.d/60-ctibridge.conf
put 640 $parts/ctibridge.toml /etc/ctibridge/ctibridge.toml
install -d -m 750 "$root/etc/ctibridge/secrets"
chmod 750 "$root/etc/ctibridge"

doc=/usr/share/doc/ctibridge
for page in docs/*.md docs/*/*.md; do put 644 "$page" "$doc/$page"; done
put 644 config/ctibridge.toml $doc/examples/ctibridge.toml
put 644 systemd/ctibridge.service.d/addresses.conf.example $doc/examples/addresses.conf
for file in config/prometheus-alerts.yml config/grafana-dashboard.json; do put 644 "$file" "$doc/examples/${file##*/}"; done
for file in config/sample/*.csv; do put 644 "$file" "$doc/examples/directory/${file##*/}"; done
put 644 $parts/lintian-overrides /usr/share/lintian/overrides/ctibridge
gzip -9n <CHANGELOG.md >"$root$doc/CHANGELOG.md.gz"
{
    printf 'ctibridge (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md.gz beside this file.\n\n' "$version"
    printf ' -- ctibridge developers <ctibridge@debian.invalid>  %s\n' "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$root$doc/changelog.gz"
.venv/bin/python packaging/parts.py copyright "$site" >"$root$doc/copyright"

# -- what dpkg reads -----------------------------------------------------------------------------------------------------

for script in postinst prerm postrm; do install -m 755 "$parts/$script" "$root/DEBIAN/$script"; done
.venv/bin/python packaging/parts.py preinst "$parts" | sed "s/@PYTHON@/$inner/" >"$root/DEBIAN/preinst"
chmod 755 "$root/DEBIAN/preinst"
echo /etc/ctibridge/ctibridge.toml >"$root/DEBIAN/conffiles"
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
# In blocks of a KiB, each file for itself, as dpkg counts it: du would say what this file system takes.
size=$(find "$root" -path "$root/DEBIAN" -prune -o \( -type f -printf '%s\n' -o -printf '1\n' \) | awk '{k += int(($1 + 1023) / 1024)} END {print k}')
architecture=$(dpkg --print-architecture)
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" -e "s/@PYTHON@/$inner/" \
    -e "s/@LIBC@/$(.venv/bin/python packaging/parts.py libc "$site")/" $parts/control.in >"$root/DEBIAN/control"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f ! -path ./etc/ctibridge/ctibridge.toml -printf '%P\0' | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
touch --date="@$SOURCE_DATE_EPOCH" "$root/DEBIAN" "$root"/DEBIAN/*

package=$out/ctibridge_${version}_$architecture.deb
dpkg-deb --root-owner-group -Z"$compression" --build "$root" "$package" >/dev/null
echo "$package"
