// SPDX-License-Identifier: Apache-2.0
// Without libFuzzer: the files of corpus/NAME through the target fuzz_NAME, each a test. A target that aborts has not
// done what was planned. What sanitizers or libFuzzer found once is one of the files.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 20 };

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay(const char *directory, const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        printf("Bail out! %s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    uint8_t *bytes = malloc(INPUT_MAX);
    size_t n = bytes ? fread(bytes, 1, INPUT_MAX, file) : 0;
    // As long as the input is: a sanitizer sees what is read behind it.
    uint8_t *input = bytes ? realloc(bytes, n + (n == 0)) : NULL;
    if (!input)
        abort();
    (void)fclose(file);
    printf("# %s\n", name);
    (void)fflush(stdout);
    (void)LLVMFuzzerTestOneInput(input, n);
    free(input);
}

int main(int argc, char **argv)
{
    const char *name = strstr(program_invocation_short_name, "fuzz_");
    char directory[4096];
    struct dirent **files;
    (void)snprintf(directory, sizeof directory, "%s/%s", FUZZ_CORPUS, name ? name + 5 : "");
    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            replay(".", argv[i]);
        return EXIT_SUCCESS;
    }
    int n = scandir(directory, &files, is_file, alphasort);
    if (n <= 0) {
        printf("Bail out! there is nothing in %s\n", directory);
        return EXIT_FAILURE;
    }
    printf("1..%d\n", n);
    for (int i = 0; i < n; i++) {
        replay(directory, files[i]->d_name);
        printf("ok %d - %s\n", i + 1, files[i]->d_name);
        free(files[i]);
    }
    free(files);
    return EXIT_SUCCESS;
}
