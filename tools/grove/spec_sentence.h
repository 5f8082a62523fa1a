/* SPDX-License-Identifier: MIT */
/* What SPEC.md says of a rule. */
#ifndef GROVE_TOOLS_SPEC_SENTENCE_H
#define GROVE_TOOLS_SPEC_SENTENCE_H

#include <stddef.h>

/*
 * The condition in the table row, or the text of the list item, that defines
 * the rule with this id, as Markdown. Puts its length into *len; "" if there is
 * none. The text is static and has line breaks.
 */
const char *spec_sentence(const char *id, size_t *len);

#endif
