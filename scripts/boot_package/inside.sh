#!/usr/bin/env bash
# What scripts/boot_package.sh has done in the system that it boots, as a service of that system: installs the package, types what
# docs/operations/debian.md has an operator type, and looks at what systemd makes of it. A line for each step goes to standard output,
# and every command to standard error.
set -Eeuxo pipefail

home=/var/lib/the-block index=/var/lib/private/the-block-explorer
doc=/usr/share/doc/the-block/operations/debian.md
units=(the-block the-block-explorer)
# Seconds that anything may take which is waited for.
patience=60

# Its lines alone are heard outside.
exec 3>&1 >&2
step() { echo "- $*" >&3; }
end() {
  echo "$1" >/try/ended
  # What was not understood is looked for there.
  [ "$1" = 0 ] || { systemctl status --no-pager --full "${units[@]}" && journalctl --boot --no-pager --lines 80; } >&2 || true
  systemctl poweroff
}
trap 'end $?' EXIT
trap 'step "FAILED at line $LINENO, in ${FUNCNAME[0]:-the script}: $BASH_COMMAND"' ERR

# `!` would end nothing.
none() { if "$@"; then return 1; fi; }
finds_none() {
  local found
  found="$(find "$@")"
  [ -z "$found" ]
}
until_true() {
  local end=$((SECONDS + patience))
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}
is() { [ "$(systemctl is-active "$1" || true)" = "$2" ]; }
shows() { systemctl show --property "$2" --value "$1"; }
supervisor() { shows the-block MainPID; }
node() { pgrep --parent "$(supervisor)" --uid the-block-node --full " start "; }
status() { awk -v name="$2:" '$1 == name { print $2 }' "/proc/$1/status"; }
health() { contract node health --home "$home" --json; }
height() { health | jq -e .height; }
is_past() { [ "$(height)" -gt "$1" ]; }
grows() { until_true is_past "$(height || echo 0)"; }
is_another() { local now; now="$(node)" && [ "$now" != "$1" ]; }

# Types the command lines of a section of the page for operators, as they stand there, with a name for the network.
types() {
  local line
  while read -r line; do
    line="${line%%  *}"
    step "types: $line"
    bash -c "${line/ID/tried}" </dev/null
  done < <(awk -v section="## $1" '/^## / { is_on = ($0 == section) } is_on && sub(/^    /, "")' "$doc")
}

# Every file with its kind, mode and owner, and what the settings of the system say. What a system writes down of everything that is
# installed or runs is not the package's to take away, and neither are the files of users as they were before the last change.
listing() {
  find / -xdev \( -path /try -o -path /root -o -path /var/log -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt -o \
    -path /var/tmp -o -path '/etc/*-' \) -prune -o -printf '%p %y %m %u:%g %l\n' | sort
  find /etc -type f -not -name '*-' -exec sha256sum {} + | sort -k 2
}
# Whatever has a name of ours, wherever it lies.
traces() {
  # A page of the manual that was read is kept by who showed it.
  find / /dev/shm /run /tmp -xdev \( -path /try -o -path /var/log -o -path /var/cache/man \) -prune -o \
    \( -name '*the-block*' -o -name '*the_block*' \) -print | sort -u
}

listens() {
  local sockets
  sockets="$(awk '$4 == "0A" { print "socket:[" $10 "]" }' /proc/net/tcp /proc/net/tcp6)"
  find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' | grep -qxF "$sockets"
}

boots_well() {
  # Degraded, where something of the system itself fails; then it is to fail no less and no more afterwards.
  systemctl is-system-running --wait || true
  systemctl --failed --plain --no-legend --no-pager >/try/failed.now
  [ ! -s /try/failed.now ] || step "of the system itself fails: $(awk '{ print $1 }' /try/failed.now)"
}

installs() {
  listing >/try/before
  step "installs it with apt, without any network"
  apt-get install --yes --quiet /try/the-block.deb
  local unit
  for unit in "${units[@]}"; do
    is "$unit" inactive
    [ "$(systemctl is-enabled "$unit" || true)" = disabled ]
  done
  getent passwd the-block the-block-node
  step "nothing runs, nothing is enabled, and both users are there"
  # What it has against units of the system is not ours to mend.
  systemd-analyze verify "${units[@]/%/.service}" >/try/verified 2>&1 || { cat /try/verified >&2; return 1; }
  none grep the-block /try/verified
  step "systemd-analyze verify has nothing against the units; exposed, of 10: $(
    systemd-analyze security --no-pager "${units[@]/%/.service}" | awk '/Overall/ { print $(NF - 2) }' | xargs
  )"
  [ "$(stat -c '%a %U' /etc/the-block/explorer.env)" = "600 root" ]
  # What an operator sets is to stay.
  echo '#TRIED=yes' >>/etc/the-block/explorer.env
}

starts() {
  types "From installed to running"
  local unit
  for unit in "${units[@]}"; do is "$unit" active; done
  grows
  step "both are active, the second after READY of the first, and the chain is at $(height): $(shows the-block StatusText)"
  contract probe http://127.0.0.1:26600/ready
  [ "$(curl -s http://127.0.0.1:26600/ready | jq .ok)" = true ]
  step "/ready says so as well"
}

is_of_two_users() {
  local supervisor node
  supervisor="$(supervisor)" node="$(node)"
  [ "$(stat -c %U "/proc/$supervisor")" = the-block ]
  [ "$(stat -c %U "/proc/$node")" = the-block-node ]
  grep -F the-block.service "/proc/$node/cgroup"
  # CAP_SETGID and CAP_SETUID alone.
  [ "$(status "$supervisor" CapEff)" = 00000000000000c0 ]
  [ "$(status "$node" CapEff)" = 0000000000000000 ]
  [ "$(status "$node" NoNewPrivs)" = 1 ]
  none listens "$supervisor"
  listens "$node"
  step "the supervisor is the-block's with two capabilities and listens nowhere, the node the-block-node's with none"
  finds_none "$home" -not -user root -not -user the-block -not -user the-block-node
  finds_none "$home" -not -type l -perm /022
  # What decides which build runs, and what the node writes.
  finds_none "$home/releases" -not -user the-block
  finds_none "$home"/{boot,consensus,governance_db,overlay,run} -not -user the-block-node
  none sudo -u the-block-node touch "$home/releases/x" "$home/config/x"
  none sudo -u the-block cat "$home/config/validator.key"
  none asks_as the-block
  asks_as the-block-node
  step "each file of the home is whose it has to be, and neither user has what is the other's"
}
asks_as() { sudo -u "$1" contract node log-level --home "$home"; }

says_what_it_does() {
  # No colours, and no more than warnings; systemd's own lines have no level.
  local unit
  for unit in "${units[@]}"; do
    journalctl --unit "$unit" --output cat --no-pager >"/try/journal.$unit"
    grep -q ' INFO ' "/try/journal.$unit"
    none grep -E $'\e|ERROR|panicked' "/try/journal.$unit"
    step "the journal of $unit has $(wc -l <"/try/journal.$unit") lines, $(grep -c WARN "/try/journal.$unit" || true) of them warnings"
  done
}

serves_the_index() {
  [ "$(shows the-block-explorer User)" = the-block-explorer ]
  # A later systemd leaves the files to nobody, and maps them to the user for as long as the service runs.
  [[ "$(stat -c '%U %a' "$index")" =~ ^(the-block-explorer|nobody)' 700'$ ]]
  [ "$(curl -s http://127.0.0.1:26690/healthz -o /dev/null -w '%{http_code}')" = 200 ]
  # Whoever has heard enough hangs up.
  timeout "$patience" grep -q -m 1 '^event: block' < <(curl -sN http://127.0.0.1:26690/events || true)
  [ "$(curl -s http://127.0.0.1:26690/releases | jq .total)" = 1 ]
  step "the explorer is a user of its own, answers, follows block by block, and has the one release"
}

outlives_signals() {
  local supervisor node
  supervisor="$(supervisor)" node="$(node)"
  kill -HUP "$supervisor" "$node"
  grows
  [ "$(supervisor) $(node)" = "$supervisor $node" ]
  step "SIGHUP ends neither"
  kill -KILL "$node"
  until_true is_another "$node"
  until_true grows
  [ "$(supervisor)" = "$supervisor" ]
  is the-block active
  step "a node that is killed is started again by its supervisor"
  node="$(node)"
  kill -KILL "$supervisor"
  until_true is_another "$node"
  [ ! -e "/proc/$node" ]
  [ "$(shows the-block NRestarts)" = 1 ]
  until_true grows
  step "a supervisor that is killed takes its node along, and systemd starts both again"
}

is_watched() {
  [ "$(shows the-block WatchdogUSec)" = 30s ]
  # Shorter for this one time, as an operator would with `systemctl edit`.
  local settings=/etc/systemd/system/the-block.service.d supervisor before
  mkdir "$settings"
  printf '[Service]\nWatchdogSec=2\n' >"$settings/override.conf"
  systemctl daemon-reload
  systemctl restart the-block
  supervisor="$(supervisor)" before="$(shows the-block WatchdogTimestampMonotonic)"
  until_true fed_after "$before"
  kill -STOP "$supervisor"
  until_true was_restarted
  none [ "$(supervisor)" = "$supervisor" ]
  journalctl --unit the-block --output cat --no-pager | grep 'Watchdog timeout'
  rm -r "$settings"
  systemctl daemon-reload
  systemctl restart the-block
  step "a supervisor that stands still is ended by the watchdog, and started again"
}
fed_after() { [ "$(shows the-block WatchdogTimestampMonotonic)" -gt "$1" ]; }
was_restarted() { [ "$(shows the-block NRestarts)" = 1 ] && is the-block active; }

refuses_another_home() {
  chown the-block-node "$home/config/config.toml"
  none systemctl restart the-block
  is the-block failed
  [ "$(shows the-block ExecMainStatus) $(shows the-block NRestarts)" = "2 0" ]
  journalctl --unit the-block --output cat --no-pager | grep E_OWNER
  # The line that gives each file its owner again.
  systemd-tmpfiles --create the-block.conf
  systemctl start the-block
  grows
  step "a home whose files are another's is refused once, with exit code 2, and goes on after systemd-tmpfiles"
}

stops() {
  local unit before=$SECONDS
  systemctl stop "${units[@]}"
  for unit in "${units[@]}"; do
    is "$unit" inactive
    [ "$(shows "$unit" Result) $(shows "$unit" ExecMainStatus)" = "success 0" ]
  done
  none pgrep -u the-block,the-block-node
  step "both stop with exit code 0 after $((SECONDS - before)) s, and nothing of theirs runs on"
  systemctl start "${units[@]}"
  grows
  height >/try/height
  step "both start again, and the chain goes on, at $(cat /try/height)"
}

comes_back_with_the_system() {
  local unit
  for unit in "${units[@]}"; do
    journalctl --boot -1 --unit "$unit" --output cat --no-pager | tail -n 3 | grep "$unit.service: Deactivated successfully"
    is "$unit" active
  done
  [ "$(height)" -ge "$(cat /try/height)" ]
  grows
  step "the last shutdown stopped both cleanly, and both came up with the system, at $(height)"
}

is_upgraded() {
  local running explorer
  running="$(supervisor) $(node)"
  explorer="$(shows the-block-explorer MainPID)"
  dpkg-deb --raw-extract /try/the-block.deb /tmp/later
  sed -i 's/^Version: .*/&+later/' /tmp/later/DEBIAN/control
  dpkg-deb --build -Znone /tmp/later /tmp/later.deb
  apt-get install --yes --quiet /tmp/later.deb
  dpkg-query --show the-block | grep +later
  [ "$(supervisor) $(node)" = "$running" ]
  [ "$(shows the-block-explorer MainPID)" = "$explorer" ]
  [ "$(shows the-block NeedDaemonReload)" = no ]
  grep -q TRIED /etc/the-block/explorer.env
  step "an upgrade stops nothing, and keeps what the operator set"
  types Upgrades
  none [ "$(supervisor)" = "${running% *}" ]
  grows
  # The same once more, over itself.
  dpkg --install /tmp/later.deb
  is the-block active
  rm -rf /tmp/later /tmp/later.deb
}

is_removed() {
  height >/try/height
  apt-get remove --yes --quiet the-block
  local unit
  for unit in "${units[@]}"; do
    is "$unit" inactive
    none systemctl cat "$unit"
  done
  none pgrep -u the-block,the-block-node
  getent passwd the-block the-block-node
  [ -d "$home/governance_db" ]
  [ -f "$index/explorer.sqlite" ]
  listing >/try/removed
  # New is the home, the index with the link to it, the settings, and the lines of the two users.
  local new data='^/var/lib/(the-block|private/the-block-explorer)[/ ]|^/var/lib/the-block-explorer '
  local settings='^/etc/the-block[/ ]|  /etc/(the-block/explorer.env|passwd|shadow|group|gshadow)$'
  new="$(diff /try/before /try/removed | grep '^[<>]' | cut -c 3- | grep -vE "$data|$settings" || true)"
  [ -z "$new" ] || { echo "$new" >&2; return 1; }
  step "removed: units are stopped and gone; left are home, index, settings and users, and nothing besides"
  apt-get install --yes --quiet /try/the-block.deb
  systemctl enable --now "${units[@]}"
  [ "$(height)" -ge "$(cat /try/height)" ]
  grep -q TRIED /etc/the-block/explorer.env
  step "installed again, it goes on where it was, at $(height)"
}

# Nothing of it is left, in files, users and units.
require_no_trace() {
  local left
  none getent passwd the-block the-block-node
  none getent group the-block the-block-node
  listing >/try/after
  diff /try/before /try/after >&2
  left="$(traces)"
  [ -z "$left" ] || { echo "$left" >&2; return 1; }
  systemctl list-units --all --plain --no-legend 'the-block*' >/try/units
  [ ! -s /try/units ] || { cat /try/units >&2; return 1; }
  systemctl --failed --plain --no-legend --no-pager | diff /try/failed.now - >&2
}

is_purged_with_keys() {
  apt-get purge --yes --quiet the-block
  [ "$(find "$home" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" = "$kept" ]
  [ -f "$home/config/validator.key" ]
  getent passwd the-block the-block-node
  [ ! -e /etc/the-block ]
  [ ! -e "$index" ]
  step "purged: left are $(find "$home" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs), with their users"
  # The words of the page for who needs them no more.
  rm -rf "$home"
  find /dev/shm -name 'the-block-*' -user the-block-node -delete
  userdel the-block-node
  userdel the-block
  require_no_trace
  step "after the home and both users are taken away, every file of the system is as it was"
}
kept="boot config consensus evidence holders signers"

is_purged_without_keys() {
  apt-get install --yes --quiet /try/the-block.deb
  types "From installed to running"
  grows
  rm -r "$home"/config/*.key "$home"/{holders,signers}
  apt-get purge --yes --quiet the-block
  require_no_trace
  step "installed anew, run with a new home, and purged without its keys: every file of the system is as it was"
}

boots_well
if [ ! -e /try/height ]; then
  installs
  starts
  is_of_two_users
  serves_the_index
  outlives_signals
  is_watched
  says_what_it_does
  refuses_another_home
  stops
else
  comes_back_with_the_system
  is_upgraded
  is_removed
  is_purged_with_keys
  is_purged_without_keys
fi
