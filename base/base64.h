// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648, section 4), with padding.
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

void base64_encode(struct buf *out, struct str bytes);
// 0, or -1 if the text is not exactly such; what was appended until then stays.
MUST_USE int base64_decode(struct buf *out, struct str text);

#endif
