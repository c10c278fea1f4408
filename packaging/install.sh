#!/bin/sh
# install.sh - installs weavemesh on this host from the archive it came in, or replaces another version of it.
#
#   ./install.sh            as root; may be repeated
#
# A version gets a directory of its own in PREFIX, "current" names the one in use. A peer that runs keeps the files it was
# started from, and with them its supervisor; the new version is what the next launch takes. State (/var/lib/weave) is not
# touched. Versions that nothing runs from are removed.
#
# PREFIX (default /opt/weavemesh), and where the rest goes: BINDIR (/usr/local/bin) for the link to the command,
# UNITDIR (/usr/local/lib/systemd/system) for the unit, COMPLETIONDIR (/usr/local/share/bash-completion/completions).
# PREFIX/current/uninstall.sh removes it all.
set -eu
umask 022
case ${1:-} in
    "") ;;
    *) sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; exit 1 ;;
esac
here=$(dirname "$(readlink -f "$0")")
PREFIX=${PREFIX:-/opt/weavemesh}
BINDIR=${BINDIR:-/usr/local/bin}
UNITDIR=${UNITDIR:-/usr/local/lib/systemd/system}
COMPLETIONDIR=${COMPLETIONDIR:-/usr/local/share/bash-completion/completions}
DEFAULTS=/etc/default/weave

die() { echo "install.sh: $*" >&2; exit 1; }

case $PREFIX in
    /?*) ;;
    *) die "PREFIX is '$PREFIX', expected an absolute path such as /opt/weavemesh" ;;
esac
ARCH='' VERSION='' ID=''
. "$here/release"
[ "$ARCH" = "$(uname -m)" ] || die "this archive is for $ARCH, this machine is $(uname -m): take the archive for that"
"$here/runtime/bin/java" --version >/dev/null 2>&1 ||
    die "the Java runtime in $here/runtime does not start here (it needs glibc): $("$here/runtime/bin/java" --version 2>&1 | head -n 1)"
mkdir -p "$PREFIX" "$BINDIR" "$UNITDIR" "$COMPLETIONDIR" 2>/dev/null && [ -w "$PREFIX" ] && [ -w "$BINDIR" ] ||
    die "cannot write to $PREFIX and $BINDIR: run it as root, or set PREFIX, BINDIR, UNITDIR and COMPLETIONDIR"
if [ -e "$BINDIR/weave" ] || [ -L "$BINDIR/weave" ]; then
    case $(readlink "$BINDIR/weave" || true) in
        */current/weave) ;;
        *) die "$BINDIR/weave is not ours: move it away, or set BINDIR to another directory" ;;
    esac
fi

# A process of any version: its Java or its supervisor is one of the files there.
runs_from() {
    for process in /proc/[0-9]*; do
        tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -qx -e "$1/runtime/bin/java" -e "$1/supervise" && return 0
    done
    return 1
}

target=$PREFIX/$VERSION-$ID
[ "$here" != "$(readlink -f "$target")" ] || die "this is the installed version itself: run the install.sh of an archive"
before=$(readlink "$PREFIX/current" || true)
if [ ! -e "$target/release" ]; then
    rm -rf "$PREFIX/.new"
    cp -R "$here" "$PREFIX/.new"
    # Whoever unpacked the archive, only root changes what root runs.
    chmod -R go-w "$PREFIX/.new"
    rm -rf "$target"
    mv "$PREFIX/.new" "$target"
fi
# The first command records a start (see 'weave'); after that everything is ready to be switched to.
"$target/weave" version >/dev/null
"$target/weave" setup --systemd --print "$PREFIX/current/weave" >"$UNITDIR/weave.service"
cp "$target/completion/weave" "$COMPLETIONDIR/weave"
[ -e "$DEFAULTS" ] || { [ -w /etc/default ] && cp "$target/weave.default" "$DEFAULTS"; } || true
printf 'BINDIR=%s\nUNITDIR=%s\nCOMPLETIONDIR=%s\n' "$BINDIR" "$UNITDIR" "$COMPLETIONDIR" >"$PREFIX/installed"
ln -sfn "$VERSION-$ID" "$PREFIX/current.new"
mv -T "$PREFIX/current.new" "$PREFIX/current"
ln -sfn "$PREFIX/current/weave" "$BINDIR/weave"
[ ! -d /run/systemd/system ] || systemctl daemon-reload

old=
for other in "$PREFIX"/*/release; do
    other=${other%/release}
    case $other in "$target" | "$PREFIX/current") continue ;; esac
    if runs_from "$other"; then old=${other##*/}; else rm -rf "$other"; fi
done

if [ "$before" = "$VERSION-$ID" ]; then
    echo "weave $VERSION was installed in $PREFIX already."
else
    echo "weave $VERSION is installed in $PREFIX."
fi
if [ -n "$old" ]; then
    echo "What runs here is still ${old%-*}, until it is started again; containers do not notice:"
    echo "  weave stop && weave launch --resume     (with the options it had)"
    echo "  systemctl restart weave                 (if it is a service of systemd)"
elif [ -z "$before" ]; then
    echo "  weave launch [peer ...]                 starts it; 'weave setup' says what this host lacks"
    echo "  systemctl enable --now weave            starts it before Docker at every boot, with the peers in $DEFAULTS"
fi
