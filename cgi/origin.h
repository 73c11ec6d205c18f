// The same-origin rule for unsafe requests that a cookie authorises (or that set one): a page of another site must not
// act as the signed-in person. Source: Fetch standard, "Origin" and "Sec-Fetch-Site" headers.
#ifndef CGI_ORIGIN_H
#define CGI_ORIGIN_H

#include <stdbool.h>
#include "lib/buf.h"

// `public_url`: scheme and host that browsers see, or empty: then the Host header decides. Absent headers are STR_NONE:
// a program that is no browser sends neither Origin nor Sec-Fetch-Site, and no site can make it act.
bool origin_is_ours(struct str origin, struct str fetch_site, struct str host, struct str public_url);

#endif
