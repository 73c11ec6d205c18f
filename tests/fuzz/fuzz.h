// SPDX-License-Identifier: Apache-2.0
// What every fuzz target is: one function that takes any bytes and asserts what must hold whatever they are. libFuzzer
// calls it for `make fuzz`; in the unit suite tests/fuzz/replay.c calls it with the files of the target's corpus.
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
