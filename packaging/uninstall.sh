#!/bin/sh
# uninstall.sh - removes weavemesh from this host, as install.sh put it there.
#
#   PREFIX/current/uninstall.sh [--purge]
#
# It refuses while the peer runs: Docker waits for it whenever a container on one of its networks starts or stops. State
# (/var/lib/weave, or WEAVE_STATE) is kept, so that the same peer comes back when it is installed again; --purge removes it
# and /etc/default/weave. A host that leaves for good does 'weave reset' before, which gives its addresses to the others.
set -eu
purge=
case ${1:-} in
    "") ;;
    --purge) purge=yes ;;
    *) sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; exit 1 ;;
esac
here=$(dirname "$(readlink -f "$0")")
PREFIX=${here%/*}
state=${WEAVE_STATE:-/var/lib/weave}
run=${WEAVE_RUN:-/run/weave}

die() { echo "uninstall.sh: $*" >&2; exit 1; }

# Read to its end before anything is removed, itself included.
uninstall() {
    BINDIR='' UNITDIR='' COMPLETIONDIR=''
    [ -r "$PREFIX/installed" ] || die "no $PREFIX/installed: this was not installed by install.sh"
    . "$PREFIX/installed"
    for process in /proc/[0-9]*; do
        if tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -q "^$PREFIX/[^/]*/\(runtime/bin/java\|supervise\)$"; then
            die "process ${process#/proc/} still runs from $PREFIX: 'weave stop' first, or 'weave reset' if this host" \
                "leaves for good"
        fi
    done
    [ ! -e "$state/setup-dns.json" ] ||
        die "Docker's daemon.json sends containers to weave for names: 'weave setup-dns --remove' first"
    if [ -d /run/systemd/system ]; then
        systemctl disable weave.service >/dev/null 2>&1 || true
    fi
    # As 'weave setup --systemd' writes it.
    if grep -qs "^ExecStart=\"\{0,1\}$PREFIX/" /etc/systemd/system/weave.service; then
        "$here/weave" setup --systemd --remove
    fi
    if [ -n "$purge" ] && [ -e "$state/ipam.db" ]; then
        echo "This host did not leave by 'weave reset': the others keep its addresses for it until they are told" \
            "'weave rmpeer'."
    fi

    case $(readlink "$BINDIR/weave" || true) in "$PREFIX"/*) rm -f "$BINDIR/weave" ;; esac
    rm -f "$UNITDIR/weave.service" "$COMPLETIONDIR/weave"
    [ ! -d /run/systemd/system ] || systemctl daemon-reload
    rm -rf "$run"
    if [ -n "$purge" ]; then
        rm -f /etc/default/weave
        find "$state" -mindepth 1 -delete 2>/dev/null || true
        rmdir "$state" 2>/dev/null || true
    fi
    for version in "$PREFIX"/*/release; do
        rm -rf "${version%/release}"
    done
    rm -f "$PREFIX/current" "$PREFIX/installed"
    rmdir "$PREFIX" 2>/dev/null || true
    if [ -n "$purge" ]; then
        echo "weave is removed from $PREFIX, and its state from $state."
    else
        echo "weave is removed from $PREFIX; its state stays in $state."
    fi
    exit 0
}
uninstall
