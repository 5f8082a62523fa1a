/* SPDX-License-Identifier: MIT */
/*
 * What both ways of asking for a poll have in common. Packets are written to
 * the TUN device, and a sentinel after them. When the AF_PACKET socket has
 * shown the sentinel and nothing more is there, all that left was seen.
 */
#include "kernel_private.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/uio.h>

#define SENTINEL_NUMBER 20

/* What is taken from the socket, and for what. */
struct reading {
    struct kernel_poll *poll;
    bool keep;  /* it is part of the answer */
    bool ended; /* the sentinel was seen */
};

bool kernel_poll_fail(const struct kernel_poll *poll, const char *what)
{
    answer_fail(poll->answer, ANSWER_ERROR, "%s: %s", what, strerror(errno));
    return false;
}

void kernel_answer_dead(struct answer *answer)
{
    /* Packets may still be on their way: no later run can be asked. */
    answer_fail(answer, ANSWER_DEAD, "the kernel has stopped polling");
}

/* 253 is a protocol for experiments; 0 is a wrong checksum of the header. */
bool kernel_sentinel_make(uint8_t sentinel[SENTINEL_LEN])
{
    static const uint8_t header[SENTINEL_NUMBER] = {
        0x45, 0, 0, SENTINEL_LEN, 0, 0, 0, 0, 64, 253,
    };
    const size_t random = SENTINEL_LEN - SENTINEL_NUMBER;

    memcpy(sentinel, header, sizeof header);
    return getrandom(sentinel + SENTINEL_NUMBER, random, 0) == (ssize_t)random;
}

static bool write_bytes(const struct kernel_device *device, const uint8_t *vnet,
                        const uint8_t *packet, size_t len)
{
    const struct iovec iov[] = {
        {(void *)(uintptr_t)vnet, GROVE_VNET_LEN},
        {(void *)(uintptr_t)packet, len},
    };

    return writev(device->tun.fd, iov, 2) >= 0;
}

bool kernel_poll_write(struct kernel_poll *poll, size_t number)
{
    static const uint8_t zero[GROVE_VNET_LEN];
    const struct run_input *input = &poll->input[number];
    const uint8_t *vnet = input->has_vnet ? input->vnet : zero;
    struct run_fate *fate = &poll->fate[number];

    *fate = (struct run_fate){.accepted = true};
    if (write_bytes(poll->device, vnet, input->packet, input->len))
        return true;
    *fate = (struct run_fate){.has_verdict = true, .verdict = GROVE_REJECTED};
    return errno == EINVAL ||
           kernel_poll_fail(poll, "writing a packet to the TUN device");
}

/* GRO takes it for a protocol of no interest and hands it over as it is. */
bool kernel_poll_end(struct kernel_poll *poll)
{
    static const uint8_t zero[GROVE_VNET_LEN];
    uint8_t *sentinel = poll->device->sentinel;
    uint64_t number;

    memcpy(&number, sentinel + SENTINEL_NUMBER, sizeof number);
    number++;
    memcpy(sentinel + SENTINEL_NUMBER, &number, sizeof number);
    return write_bytes(poll->device, zero, sentinel, SENTINEL_LEN) ||
           kernel_poll_fail(poll, "writing the sentinel to the TUN device");
}

static bool is_sentinel(const struct kernel_device *device,
                        const struct captured *packet)
{
    return packet->len == SENTINEL_LEN &&
           memcmp(packet->packet, device->sentinel, SENTINEL_LEN) == 0;
}

static bool add_output(struct kernel_poll *poll,
                       const struct captured *captured)
{
    struct run_output *output = &poll->output[poll->outputs];

    if (poll->outputs == poll->packets) {
        errno = EOVERFLOW;
        return kernel_poll_fail(poll, "more packets left the device than came");
    }
    *output = (struct run_output){
        .vnet = {.flags = captured->vnet.flags,
                 .gso_type = captured->vnet.gso_type,
                 .gso_size = captured->vnet.gso_size,
                 .csum_start = captured->vnet.csum_start,
                 .csum_offset = captured->vnet.csum_offset},
        .packet =
            arena_copy(&poll->answer->arena, captured->packet, captured->len),
        .len = captured->len,
    };
    poll->outputs++;
    return true;
}

static bool take(struct reading *reading, const struct captured *captured)
{
    if (is_sentinel(reading->poll->device, captured)) {
        reading->ended = true;
        return true;
    }
    return !reading->keep || add_output(reading->poll, captured);
}

/* Takes what is there. */
static bool take_all(struct reading *reading)
{
    struct capture *capture = reading->poll->device->capture;

    for (;;) {
        int taken = capture_take(capture);

        if (taken < 0 && errno == EAGAIN)
            return true;
        if (taken < 0 && errno != EINVAL)
            return kernel_poll_fail(reading->poll,
                                    "reading the AF_PACKET socket");
        if (taken < 0 && reading->keep)
            reading->poll->unseen++;
        for (int i = 0; i < taken; i++) {
            struct captured captured = capture_packet(capture, i);

            if (!take(reading, &captured))
                return false;
        }
    }
}

bool kernel_poll_read(struct kernel_poll *poll, bool keep)
{
    const struct capture *capture = poll->device->capture;
    struct reading reading = {.poll = poll, .keep = keep};

    while (!reading.ended) {
        if (!capture_wait(capture)) {
            kernel_answer_dead(poll->answer);
            return false;
        }
        if (!take_all(&reading))
            return false;
    }
    errno = ENOBUFS;
    return capture_complete(capture) ||
           kernel_poll_fail(poll, "packets were lost at the AF_PACKET socket");
}
