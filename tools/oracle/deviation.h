/* SPDX-License-Identifier: MIT */
/* Where kernels of a profile differ from SPEC.md; its section 13. */
#ifndef GROVE_TOOLS_DEVIATION_H
#define GROVE_TOOLS_DEVIATION_H

#include "run.h"

/* Why kernels of the profile answer this in another way; NULL: they do not. */
const char *deviation(const char *profile, const struct run *run);

#endif
