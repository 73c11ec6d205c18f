// Attributes for functions whose callers must not overlook an outcome. Not a place for anything else.
#ifndef LIB_MUST_H
#define LIB_MUST_H

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((__format__(printf, text, first)))

#endif
