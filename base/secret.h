// SPDX-License-Identifier: Apache-2.0
// A secret that the programs of one user on one machine share through a file. Whichever of them needs it first makes
// it.
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/must.h"

enum { SECRET_BYTES = 32 };

// Reads the secret at `path`, and makes the file, of mode 0600, where there is none. 0, or -1 with errno: EINVAL if the
// file is not such a secret.
MUST_USE int secret_read(char secret[static SECRET_BYTES], const char *path);

#endif
