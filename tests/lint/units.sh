#!/usr/bin/env bash
# The systemd units are what systemd takes, no more exposed than 2.0, and none lacks what stops most.
# shellcheck source=tests/lint/lib/lint.sh
. "$(dirname "$0")/lib/lint.sh"

command -v systemd-analyze >/dev/null || { printf 'systemd-analyze is not there\n' && exit 1; }
for unit in conf/systemd/*.service; do
    said=$(systemd-analyze security --no-pager --offline=true --threshold=20 "$unit" 2>&1) || bad "$unit: exposure above 2.0"
    grep -q 'Overall exposure level' <<<"$said" || bad "$unit: systemd-analyze gives no level"
    lacks=$(grep -oE '^✗ (User=|NoNewPrivileges=|ProtectSystem=|ProtectHome=|CapabilityBoundingSet|SystemCallFilter|RestrictAddressFamilies=~(…|AF_(NETLINK|PACKET)))' <<<"$said" || true)
    [ -z "$lacks" ] || bad "$unit lacks: ${lacks//$'\n'/ }"
    # The agent's work is on the network; the others have the sockets in their directory.
    [[ $unit == *-agent.service ]] || ! grep -q '^✗ RestrictAddressFamilies=~AF_(INET' <<<"$said" || bad "$unit may open Internet sockets"
    # Its seat is a local socket, named after what stands in /proc/sys.
    [[ $unit != *-agent.service ]] || [ "$(grep -cE '^✗ (ProcSubset=|RestrictAddressFamilies=~AF_UNIX)' <<<"$said")" = 2 ] ||
        bad "$unit has no seat for the agent"
done
finish
