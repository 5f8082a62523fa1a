/* SPDX-License-Identifier: MIT */
/* Packets that are put one at a time, and sent together. */
#include <string.h>

#include "grove/tun.h"

enum grove_tun_result grove_tun_flush(struct grove_tun_outbox *outbox)
{
    enum grove_tun_result result;

    if (outbox->taken)
        result = grove_tun_resume(outbox->queue);
    else
        result = grove_tun_send(outbox->queue, outbox->table, outbox->packets,
                                outbox->count);
    if (result == GROVE_TUN_PENDING || result == GROVE_TUN_TABLE)
        return result;
    outbox->taken = grove_tun_pending(outbox->queue) != 0;
    if (!outbox->taken) {
        outbox->count = 0;
        outbox->used = 0;
    }
    return result;
}

static bool has_room(const struct grove_tun_outbox *outbox, size_t len)
{
    return !outbox->taken && outbox->count < GROVE_DEFAULT_BATCH &&
           len <= outbox->size - outbox->used;
}

enum grove_tun_result grove_tun_put(struct grove_tun_outbox *outbox,
                                    const uint8_t *data, size_t len)
{
    uint8_t *copy;

    if (len > outbox->size)
        return GROVE_TUN_TOO_SMALL;
    if (!has_room(outbox, len)) {
        const enum grove_tun_result result = grove_tun_flush(outbox);

        if (result != GROVE_TUN_OK)
            return result;
    }
    copy = outbox->memory + outbox->used;
    if (len != 0)
        memcpy(copy, data, len);
    outbox->packets[outbox->count++] =
        (struct grove_packet){copy, len, NULL, 0};
    outbox->used += len;
    return GROVE_TUN_OK;
}
