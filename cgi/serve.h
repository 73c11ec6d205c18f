// SPDX-License-Identifier: Apache-2.0
// A FastCGI program as a table of routes: the frame that accepts, bounds, routes, answers and counts. A program is
//
//     int main(int argc, char **argv) { return serve_main(argc, argv, &program); }
//
// A parent supervises the workers (cgi/prefork.h); run from a shell with CGI variables and no FastCGI socket it answers
// one plain request.
#ifndef CGI_SERVE_H
#define CGI_SERVE_H

#include "cgi/route.h"

// Runs the program until SIGTERM. Returns the exit status.
int serve_main(int argc, char **argv, const struct program *program);

#endif
