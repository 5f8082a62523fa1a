/* SPDX-License-Identifier: MIT */
/* What an environment without a C library must have for libgrove's core. */
#define assert(condition) ((void)0)
#define static_assert _Static_assert
