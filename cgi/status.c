// SPDX-License-Identifier: Apache-2.0
#include "cgi/status.h"

static const struct {
    int status;
    const char *phrase;
} known[STATUS_KINDS] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
    {0, "Unknown"},
};

int status_index(int status)
{
    int i = 0;
    while (i < STATUS_KINDS - 1 && known[i].status != status)
        i++;
    return i;
}

int status_at(int index)
{
    return known[index].status;
}

const char *status_phrase(int status)
{
    return known[status_index(status)].phrase;
}
