/* SPDX-License-Identifier: MIT */
/* In which order the packets of a flow arrive. */
#ifndef GROVE_JUDGE_ORDER_H
#define GROVE_JUDGE_ORDER_H

#include "trial.h"

/* Notes which packets arrive before one that was sent earlier. */
void order_note(struct trial *trial);

#endif
