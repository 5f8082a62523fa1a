/* SPDX-License-Identifier: MIT */
/* A program that uses an installed libgrove-tun without a device. */
#include <stdio.h>
#include <string.h>

#include <grove/tun.h>

int main(void)
{
    const struct grove_tun_config config = {.profile = "linux-2.4"};
    struct grove_tun_error error;
    struct grove_tun *tun;

    if (grove_tun_open(&config, &tun, &error))
        return 1;
    printf("libgrove-tun: %s: %s\n", grove_tun_step_words(error.step),
           strerror(error.number));
    return error.step == GROVE_TUN_STEP_PROFILE ? 0 : 1;
}
