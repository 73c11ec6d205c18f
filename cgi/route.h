// Finding the route of a request: pure, no descriptor, no clock. Patterns are compared segment by segment; "{ses}"
// takes a well-formed id of that kind and nothing else.
#ifndef CGI_ROUTE_H
#define CGI_ROUTE_H

#include "cgi/request.h"
#include "cgi/serve.h"

// The route of r->method and r->path; fills r->id. HEAD finds the GET route. NULL if there is none: then *allow says
// which methods the path has, as in an Allow header, and is empty if there is no such path.
const struct route *route_find(const struct program *program, struct request *r, struct buf *allow);

// Reads "METHOD"; METHOD_OTHER, which no route has, if it is none we know.
enum method route_method(struct str text);
const char *route_method_name(enum method method);

// A route's place among all routes of the program, counted from 0, and how many there are: for counters.
int route_index(const struct program *program, const struct route *route);
const struct route *route_at(const struct program *program, int index);

#endif
