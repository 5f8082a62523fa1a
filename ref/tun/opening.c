/* SPDX-License-Identifier: MIT */
#include "tun/opening.h"

bool tun_fail(struct tun_opening *opening, enum grove_tun_step step,
              size_t index, int number)
{
    opening->error = (struct grove_tun_error){step, number, index};
    return false;
}

bool tun_check(struct tun_opening *opening, enum grove_tun_step step,
               size_t index, int number)
{
    if (number != 0)
        tun_fail(opening, step, index, number);
    return number == 0;
}
