// SPDX-License-Identifier: Apache-2.0
// Attributes for functions whose results must not be ignored, and nothing else.
#ifndef BASE_MUST_H
#define BASE_MUST_H

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((__format__(printf, text, first)))

#endif
