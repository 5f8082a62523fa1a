/* SPDX-License-Identifier: MIT */
/* The results of reads and writes, and their words. */
#include <errno.h>

#include "tun/device.h"

enum grove_tun_result tun_result_of(int error)
{
    switch (error) {
    case EAGAIN:
        return GROVE_TUN_AGAIN;
    case EINTR:
        return GROVE_TUN_INTERRUPTED;
    case ENOBUFS:
    case ENOMEM:
        return GROVE_TUN_NO_MEMORY;
    case EIO:
    case ENETDOWN:
        return GROVE_TUN_DOWN;
    case EBADFD:
        return GROVE_TUN_GONE;
    default:
        return GROVE_TUN_SYSTEM;
    }
}

bool tun_refuses(int error)
{
    return error == EINVAL || error == EMSGSIZE;
}

const char *grove_tun_result_words(enum grove_tun_result result)
{
    static const char *const words[] = {
        [GROVE_TUN_OK] = "no error",
        [GROVE_TUN_AGAIN] = "not now: poll first",
        [GROVE_TUN_INTERRUPTED] = "a signal came",
        [GROVE_TUN_NO_MEMORY] = "the kernel is out of memory",
        [GROVE_TUN_DOWN] = "the device is down",
        [GROVE_TUN_GONE] = "the device was deleted",
        [GROVE_TUN_SYSTEM] = "the system call failed",
        [GROVE_TUN_TOO_SMALL] = "the buffer is too small for the packet",
        [GROVE_TUN_PENDING] = "packets are pending: resume or discard",
        [GROVE_TUN_TABLE] = ("the table is not empty, too small, or not "
                             "of this device"),
    };

    return (unsigned)result < sizeof words / sizeof words[0] ? words[result]
                                                             : "unknown result";
}
