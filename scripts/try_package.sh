#!/usr/bin/env bash
# Tries a Debian package of scripts/package.sh where it is meant to run: in a Debian of its own with a booted systemd, by
# systemd-nspawn. Installs it, runs a network of one and its explorer under the two units, upgrades, removes and purges it.
#   try_package.sh DEB [DIR]
# Needs root, debootstrap and systemd-nspawn (the packages debootstrap and systemd-container). The Debian is made in DIR, and left
# there for the next time; without it, in a folder that goes.
set -euo pipefail
fail() { echo "try_package.sh: $*" >&2; exit 1; }

[ -f "${1:-}" ] || fail "name a package that scripts/package.sh made; see the head of this script"
[ "$(id -u)" = 0 ] || fail "a system is booted, which takes root"
for tool in debootstrap systemd-nspawn; do
  command -v "$tool" >/dev/null || fail "$tool is missing. Run: apt-get install debootstrap systemd-container"
done
package="$(realpath "$1")" work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
root="$(realpath -m "${2:-$work/debian}")"
if [ ! -e "$root/sbin/init" ]; then
  echo "making a Debian in $root"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,libstdc++6 bookworm "$root" >"$work/made" ||
    fail "debootstrap failed: $(tail -n 3 "$work/made")"
fi

install -m 0644 "$package" "$root/root/the-block.deb"
rm -f "$root/root/ended" "$root/root/said"
cat >"$root/root/try" <<'TRY'
#!/bin/bash
exec >/root/said 2>&1
set -euxo pipefail
home=/var/lib/the-block units=(the-block the-block-explorer)
trap 'echo $? >/root/ended; systemctl poweroff' EXIT
# `!` would end nothing.
none() { if "$@"; then return 1; fi; }
is() { [ "$(systemctl is-active "$1" || true)" = "$2" ]; }
until_true() { for _ in {1..300}; do ! "$@" || return 0; sleep 0.1; done; return 1; }
follows() { contract node health --home "$home" --json | grep -q '"ok": true'; }
# Who runs a program of a name, by the folder it lies in.
runs_as() {
  local process
  for process in /proc/[0-9]*; do
    [[ "$(readlink "$process/exe" || true)" != "$1"* ]] || [ "$(stat -c %U "$process")" != "$2" ] || return 0
  done
  return 1
}

# Whatever an earlier try has left.
dpkg -P the-block || true
rm -rf "$home"

dpkg -i /root/the-block.deb
for unit in "${units[@]}"; do is "$unit" inactive; done
the-block init --home "$home" --chain-id try
sed -i 's/^node_user = ""/node_user = "the-block-node"/' "$home/config/config.toml"
systemd-tmpfiles --create the-block.conf
systemctl enable --now "${units[@]}"
until_true follows
runs_as /usr/bin/the-block the-block
runs_as "$home/releases/" the-block-node
for unit in "${units[@]}"; do is "$unit" active; done

# An upgrade leaves what runs.
before="$(systemctl show --value -p MainPID the-block)"
dpkg -i /root/the-block.deb
[ "$(systemctl show --value -p MainPID the-block)" = "$before" ]

dpkg -r the-block
for unit in "${units[@]}"; do is "$unit" inactive; done
[ -d "$home/governance_db" ]
none compgen -G "/etc/systemd/system/*.wants/the-block*"

# It goes on where it was.
dpkg -i /root/the-block.deb
systemctl enable --now the-block
until_true follows

dpkg -P the-block
[ ! -e "$home/governance_db" ]
[ -f "$home/config/validator.key" ]
[ -d "$home/consensus" ]
left="$(find / -xdev -name '*the-block*' -not -path '/proc/*' -not -path '/root/*' -not -path '/var/log/*' -not -path '/tmp/*')"
[ "$left" = "$home" ]

# Without keys, nothing stays.
dpkg -i /root/the-block.deb
rm -r "$home"/config "$home"/signers "$home"/holders
dpkg -P the-block
[ ! -e "$home" ]
none getent passwd the-block
none getent passwd the-block-node
TRY
chmod 0755 "$root/root/try"
cat >"$root/etc/systemd/system/try.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
ExecStart=/root/try
UNIT
mkdir -p "$root/etc/systemd/system/default.target.wants"
ln -sf ../try.service "$root/etc/systemd/system/default.target.wants/try.service"

echo "booting it"
timeout 300 systemd-nspawn --quiet --directory "$root" --boot --private-network --register=no --keep-unit \
  </dev/null >"$work/booted" 2>&1 || true
[ -f "$root/root/ended" ] || fail "the try did not end; it said: $(tail -n 5 "$root/root/said" "$work/booted" 2>/dev/null)"
[ "$(cat "$root/root/ended")" = 0 ] || fail "$(tail -n 20 "$root/root/said")"
echo "the package installs, runs under both units, upgrades, and goes without a trace but keys and what they signed"
