#!/usr/bin/env bash
# Tries a Debian package of scripts/package.sh where it is meant to run: in a Debian of its own whose systemd is booted, by
# systemd-nspawn. What is done in there, and looked at, is scripts/boot_package/inside.sh; each of its steps is a line here.
#   boot_package.sh PACKAGE.deb [--root DIR] [--suite NAME] [--keep]
# --suite: the Debian, `bookworm` where none is named. --root: where that Debian is kept as it was made, for the next time; without it,
# in the cache. --keep: leaves the system as it was at the end, and says where.
#   boot_package.sh --lacks | --prepare [--root DIR] [--suite NAME]
# --lacks: says what is missing here, a line each; nothing when a package can be tried. `setup.sh boot` installs what can be installed.
# --prepare: makes that Debian where it is kept, and nothing else; a package that is tried would have it made as well.
# Exit codes: 0 all is as it should be, 1 something is not, 2 what was named cannot be used.
set -euo pipefail
from="$PWD"
cd "$(dirname "$0")/.."

# What the package and the looking need, and what a Debian that somebody works on has besides.
contents="systemd,systemd-sysv,libpam-systemd,libnss-systemd,dbus,apt,man-db,ca-certificates,libstdc++6,sudo,curl,jq,procps"
# Seconds for both boots and all that is done in them; and for making the Debian, by a slow line.
most_booted=420 most_made=1200

fail() { echo "boot_package.sh: $*" >&2; exit "${code:-1}"; }
misused() { code=2 fail "$@"; }

# Systemd in there wants the one hierarchy of cgroups. Where this system still has the many of version 1, or is a container's, the
# kernel is asked for the one in a mount namespace, in which nobody else sees it.
apart() { unshare --mount --propagation private -- "$@"; }

lacks() {
  local tool
  [ "$(id -u)" = 0 ] || echo "root: a system is booted"
  for tool in systemd-nspawn mmdebstrap dpkg-deb unshare flock; do
    command -v "$tool" >/dev/null || echo "$tool: scripts/setup.sh boot"
  done
  [ "$(id -u)" != 0 ] || apart mount -t cgroup2 none /mnt 2>/dev/null ||
    echo "cgroups: this system does not let cgroup2 be mounted; a container needs to be privileged"
}

package="" root="" suite=bookworm keep="" only=""
while [ $# -gt 0 ]; do
  case "$1" in
    --lacks | --prepare) only="$1" ;;
    --keep) keep=yes ;;
    --root | --suite)
      [ $# -gt 1 ] || misused "$1 needs a value; see the head of this script"
      # From where it was typed.
      if [ "$1" = --root ]; then root="$(cd "$from" && realpath -m "$2")"; else suite="$2"; fi
      shift
      ;;
    -*) misused "unknown option '$1'; see the head of this script" ;;
    *)
      [ -z "$package" ] || misused "one package is tried, not '$1' as well"
      package="$(cd "$from" && realpath -m "$1")"
      ;;
  esac
  shift
done
[[ "$suite" =~ ^[a-z]+$ ]] || misused "'$suite' is no name of a Debian"
: "${root:=${XDG_CACHE_HOME:-$HOME/.cache}/the-block/roots/$suite}"
# What a root is made of stands beside it once it is whole.
made="$root.made" wanted="$suite $contents"
is_made() { [ "$(cat "$made" 2>/dev/null)" = "$wanted" ]; }
if [ "$only" = --lacks ]; then
  lacks
  is_made || echo "a Debian in $root: scripts/setup.sh boot"
  exit 0
fi
if [ -z "$only" ]; then
  [ -n "$package" ] || misused "name a package that scripts/package.sh made; see the head of this script"
  named="$(dpkg-deb --field "$package" Package 2>/dev/null)" || misused "$package is not there, or is no Debian package"
  [ "$named" = the-block ] || misused "$package is the package $named"
fi
missing="$(lacks)"
[ -z "$missing" ] || fail "it cannot be tried here. Missing: $missing"

if [ -z "$only${TB_BOOT_APART:-}" ]; then
  arguments=(--suite "$suite" --root "$root")
  [ -z "$keep" ] || arguments+=(--keep)
  TB_BOOT_APART=yes exec unshare --mount --propagation private -- "scripts/${0##*/}" "$package" "${arguments[@]}"
fi

work="$(mktemp -d)" group=""
clean_up() {
  if [ -n "$group" ] && [ -d "$group" ]; then
    # Whoever is left in there has nobody to end it any more.
    echo 1 >"$group/cgroup.kill" 2>/dev/null || true
    for _ in {1..100}; do
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [ -d "$group" ] || break
      sleep 0.1
    done
  fi
  # Never through a mount into what is another's.
  mountpoint --quiet "$work/cgroup" && umount "$work/cgroup"
  if [ -n "$keep" ] && [ -d "$work/root" ]; then
    echo "the system is in $work/root, what was said in it in $work/try"
  else
    rm -rf --one-file-system "$work"
  fi
}
trap clean_up EXIT
trap 'exit 1' TERM INT HUP

# The Debian as it was made; another call waits until it is.
make_root() {
  local new="$root.new"
  mkdir -p "$(dirname "$root")"
  exec 9>"$root.lock"
  flock 9
  if ! is_made; then
    [ ! -e "$root" ] || [ -f "$made" ] || misused "$root is there, and was not made by this script"
    echo "making a Debian ($suite) in $root"
    # The mark is written last, so that what was interrupted is done again.
    rm -rf --one-file-system "$made" "$root" "$new"
    timeout "$most_made" mmdebstrap --quiet --variant=minbase --include="$contents" "$suite" "$new" >"$work/made" 2>&1 ||
      fail "mmdebstrap failed: $(tail -n 5 "$work/made")"
    mv "$new" "$root"
    echo "$wanted" >"$made"
  fi
  # What is tried is a copy.
  [ -n "$only" ] || cp -a --reflink=auto "$root" "$work/root"
  exec 9>&-
}

# What is done in the system, as a service of it. Its words are in $work/try, which is /try in there.
put_in() {
  local unit="$work/root/etc/systemd/system"
  mkdir -p "$work/try" "$work/root/try" "$unit/multi-user.target.wants"
  install -m 0755 scripts/boot_package/inside.sh "$work/try/inside.sh"
  install -m 0644 "$package" "$work/try/the-block.deb"
  # `exec`: what has begun is no job that the end of the boot waits for.
  cat >"$unit/try.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=exec
ExecStart=/try/inside.sh
StandardOutput=append:/try/steps
StandardError=append:/try/trace
UNIT
  mkdir -p "$unit/graphical.target.wants"
  ln -sf ../try.service "$unit/graphical.target.wants/try.service"
}

boots=0
# Boots the system, until it is off.
boot() {
  local left=$((most_booted - SECONDS + began))
  boots=$((boots + 1))
  rm -f "$work/try/ended"
  (
    echo "$BASHPID" >"$group/cgroup.procs"
    # What nspawn notes of a machine is gone with the namespace.
    exec timeout --kill-after=10 "$left" unshare --mount --propagation private -- bash -c '
      umount --recursive /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && mkdir -p /run/systemd &&
        mount -t tmpfs none /run/systemd && exec systemd-nspawn "$@"' nspawn \
      --quiet --directory "$work/root" --machine "the-block-boot" --boot --private-network --register=no --keep-unit \
      --bind "$work/try:/try"
  ) </dev/null >"$work/console" 2>&1 &
  local booted=$!
  # A line as it comes, until the system is off. Beside it, so that a signal ends what is waited for.
  tail --quiet --pid="$booted" --lines=+$((said + 1)) --follow "$work/try/steps" &
  local told=$!
  wait "$booted" || true
  wait "$told" || true
  said="$(wc -l <"$work/try/steps")"
  [ -f "$work/try/ended" ] || fail "the system was off before all was done, or not within $most_booted s:
$(tail -n 20 "$work/try/trace" "$work/console" 2>/dev/null)"
  [ "$(cat "$work/try/ended")" = 0 ] || fail "the last step failed:
$(tail -n 40 "$work/try/trace")"
}

make_root
[ -z "$only" ] || exit 0
put_in
mkdir "$work/cgroup"
mount -t cgroup2 none "$work/cgroup"
group="$work/cgroup/the-block-boot-$$"
mkdir "$group"
began=$SECONDS said=0
: >"$work/try/steps"
echo "booting it"
boot
echo "it is off; booting it again"
boot
echo "in $boots boots and $((SECONDS - began)) s: the package installs, runs, upgrades, and goes without a trace but what is documented"
