// What answers strangers does not run as root: what somebody made of a defect in it would be root's doing. Who starts
// it drops first (./run, systemd's User=, setpriv); the programs of an operator, who may be root, do not ask this.
#ifndef LIB_PRIVILEGE_H
#define LIB_PRIVILEGE_H

// Exits with status 2 and a line that says how to start it, if this process is root.
void privilege_refuse_root(const char *program);

#endif
