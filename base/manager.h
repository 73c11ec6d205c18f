// SPDX-License-Identifier: Apache-2.0
// manager: what a program tells the service manager that started it, by the datagrams of sd_notify(3): that it is
// ready, that its main loop still turns (the watchdog), and that it is stopping. Nothing is said where nobody listens,
// that is, without NOTIFY_SOCKET in the environment. Only the main thread calls these.
#ifndef BASE_MANAGER_H
#define BASE_MANAGER_H

#include <stdint.h>

// Reads the environment, and says that the program is ready. From now on the manager counts on manager_alive().
void manager_ready(void);

// To be called at every turn of the main loop: it says so four times in the time after which the manager would end the
// program.
void manager_alive(void);

// The longest that the main loop may sleep between two calls of manager_alive(), in ms; an hour without a watchdog.
int64_t manager_pulse_ms(void);

void manager_stopping(void);

#endif
