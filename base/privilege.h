// SPDX-License-Identifier: Apache-2.0
// Programs that answer strangers do not run as root, because whoever exploited a defect in one would be root. They are
// started with the privileges already dropped (./run, systemd's User=, setpriv). An operator's programs may run as root
// and do not ask this.
#ifndef BASE_PRIVILEGE_H
#define BASE_PRIVILEGE_H

// If this process is root, prints how to start the program and exits with status 2.
void privilege_refuse_root(const char *program);

#endif
