// SPDX-License-Identifier: Apache-2.0
// A secret that the programs of one user on one machine share through a file. Whichever of them needs it first makes
// it.
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>
#include "base/must.h"

enum { SECRET_BYTES = 32 };

// Reads the secret at `path`, and makes the file, of mode 0600, where there is none. 0, or -1 with errno: EINVAL if the
// file is not such a secret.
MUST_USE int secret_read(char secret[static SECRET_BYTES], const char *path);

// A secret that is looked at often: what was read, and of which file. Embedded; all zero is none yet.
struct secret {
    char bytes[SECRET_BYTES];
    dev_t device;
    ino_t inode;
    struct timespec changed;
    bool is_settled; // the file was last changed long enough before the reading that another change shows in its time
};

// The same as secret_read() into `kept->bytes`, but reads only where the file is another one, or a changed one. After
// -1 nothing is kept.
MUST_USE int secret_keep(struct secret *kept, const char *path);

#endif
