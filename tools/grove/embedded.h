/* SPDX-License-Identifier: MIT */
/* Files of the sources that are in the program, as strings. */
#ifndef GROVE_TOOLS_EMBEDDED_H
#define GROVE_TOOLS_EMBEDDED_H

extern const char embedded_explain[]; /* explain.html */
extern const char embedded_spec[];    /* SPEC.md */

#endif
