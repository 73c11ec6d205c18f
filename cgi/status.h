// SPDX-License-Identifier: Apache-2.0
// The HTTP statuses that our programs answer, with their phrases (RFC 9110, section 15; RFC 6585) and an index for
// counting.
#ifndef CGI_STATUS_H
#define CGI_STATUS_H

enum { STATUS_KINDS = 16 };

const char *status_phrase(int status);

// A small index of `status`, below STATUS_KINDS; all statuses we do not know share the last.
int status_index(int status);
// The status of an index; 0 for the last.
int status_at(int index);

#endif
