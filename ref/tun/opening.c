/* SPDX-License-Identifier: MIT */
#include "tun/opening.h"

#include <errno.h>

bool tun_fail(struct tun_opening *opening, enum grove_tun_step step,
              size_t index, int number)
{
    opening->error = (struct grove_tun_error){
        .step = step, .number = number, .index = index};
    return false;
}

bool tun_check_cause(struct tun_opening *opening, enum grove_tun_step step,
                     size_t index, enum grove_tun_cause cause)
{
    if (cause == GROVE_TUN_CAUSE_UNKNOWN)
        return true;
    tun_fail(opening, step, index, EINVAL);
    opening->error.cause = cause;
    return false;
}

bool tun_check(struct tun_opening *opening, enum grove_tun_step step,
               size_t index, int number)
{
    if (number != 0)
        tun_fail(opening, step, index, number);
    return number == 0;
}
