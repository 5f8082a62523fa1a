/* SPDX-License-Identifier: MIT */
/* The assertions of targets, which every build has. */
#ifndef GROVE_FUZZ_CHECK_H
#define GROVE_FUZZ_CHECK_H

/* Prints one line on what does not hold, and where, and aborts. */
__attribute__((noreturn, format(printf, 4, 5))) void
check_failed(const char *file, int line, const char *condition,
             const char *format, ...);

/* Aborts with a message, as by printf(), unless the condition holds. */
#define CHECK(condition, ...)                                                  \
    ((condition) ? (void)0                                                     \
                 : check_failed(__FILE__, __LINE__, #condition, __VA_ARGS__))

#endif
