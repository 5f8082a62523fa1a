/* SPDX-License-Identifier: MIT */
/* What a target asserts. No build is without it. */
#ifndef GROVE_FUZZ_CHECK_H
#define GROVE_FUZZ_CHECK_H

/* Says in one line what does not hold, and where, and aborts. */
__attribute__((noreturn, format(printf, 4, 5))) void
check_failed(const char *file, int line, const char *condition,
             const char *format, ...);

/* Ends the program, with the printf()ed words, unless the condition holds. */
#define CHECK(condition, ...)                                                  \
    ((condition) ? (void)0                                                     \
                 : check_failed(__FILE__, __LINE__, #condition, __VA_ARGS__))

#endif
