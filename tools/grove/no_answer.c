/* SPDX-License-Identifier: MIT */
#include "no_answer.h"

#include "grove.h"

bool no_answer(const struct implementation *asked, const char *question,
               const struct answer *answer)
{
    if (answer->kind != ANSWER_LOST)
        return false;
    complain("%s: %s: %s", question, asked->name, answer->reason);
    return true;
}
