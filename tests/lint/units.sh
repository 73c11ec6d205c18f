#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# systemd accepts the units, rates their exposure at 1.5 or less, and none lacks the most effective protections.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

command -v systemd-analyze >/dev/null || { printf 'systemd-analyze is not there\n' && exit 1; }
for unit in conf/systemd/*.service; do
    said=$(systemd-analyze security --no-pager --offline=true --threshold=15 "$unit" 2>&1) || bad "$unit: exposure above 1.5"
    grep -q 'Overall exposure level' <<<"$said" || bad "$unit: systemd-analyze gives no level"
    lacks=$(grep -oE '^✗ (User=|NoNewPrivileges=|ProtectSystem=|ProtectHome=|CapabilityBoundingSet|SystemCallFilter=~@[a-z-]+|RestrictAddressFamilies=~(…|AF_(NETLINK|PACKET)))' <<<"$said" || true)
    # The pusher may ask for real-time scheduling, which is one of these calls.
    [[ $unit != *-pusher@.service ]] || lacks=${lacks/'✗ SystemCallFilter=~@resources'/}
    # The demo model is for trying. Every other program says when it is ready, and that it has not hung.
    [[ $unit == *-demo-model.service ]] || { grep -qx 'Type=notify' "$unit" && grep -qE '^WatchdogSec=[0-9]+$' "$unit"; } || bad "$unit has no watchdog"
    [ -z "$lacks" ] || bad "$unit lacks: ${lacks//$'\n'/ }"
    # The agent, the relay and the sweeper, which delivers webhooks, need the network, and the demo model a port on it; the other programs only use the Unix sockets in their directory.
    [[ $unit == *-agent@.service || $unit == *-demo-model.service || $unit == *-relay.service || $unit == *-sweeper.service ]] || ! grep -q '^✗ RestrictAddressFamilies=~AF_(INET' <<<"$said" || bad "$unit may open Internet sockets"
    # The agent's seat is a local socket whose name depends on values in /proc/sys.
    [[ $unit != *-agent@.service ]] || [ "$(grep -cE '^✗ (ProcSubset=|RestrictAddressFamilies=~AF_UNIX)' <<<"$said")" = 2 ] ||
        bad "$unit has no seat for the agent"
done
finish
