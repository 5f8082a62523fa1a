/* SPDX-License-Identifier: MIT */
/*
 * What both ways of asking for a poll have in common. Packets are written to
 * the device, and a sentinel after them. When the AF_PACKET sockets have
 * shown the sentinel and nothing more is there, all that left was seen.
 */
#include "kernel_private.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define SENTINEL_NUMBER 20

bool kernel_poll_fail(const struct kernel_poll *poll, const char *what)
{
    answer_fail(poll->answer, ANSWER_ERROR, "%s: %s", what, strerror(errno));
    return false;
}

bool kernel_poll_stopped(const struct kernel_poll *poll)
{
    answer_fail(poll->answer, ANSWER_ERROR, "the kernel has stopped polling");
    return false;
}

/* The checksum of the header is 0, which is wrong. */
bool kernel_sentinel_make(uint8_t sentinel[SENTINEL_MAX], size_t link_len,
                          uint8_t protocol)
{
    static const uint8_t ethernet[KERNEL_ETHERNET_LEN] = {2, 0, 0, 0, 0, 1, 2,
                                                          0, 0, 0, 0, 2, 8, 0};
    const uint8_t header[SENTINEL_NUMBER] = {
        0x45, 0, 0, SENTINEL_LEN, 0, 0, 0, 0, 64, protocol,
    };
    const size_t random = SENTINEL_LEN - SENTINEL_NUMBER;
    uint8_t *ip = sentinel + link_len;

    memcpy(sentinel, ethernet, link_len);
    memcpy(ip, header, sizeof header);
    return getrandom(ip + SENTINEL_NUMBER, random, 0) == (ssize_t)random;
}

/* Writes a packet with its virtio header and its hash. False and errno. */
static bool write_input(const struct kernel_device *device,
                        const struct run_input *input)
{
    if (device->hashes == NULL)
        return kernel_tun_write(&device->tun, input);
    kernel_hashes_put(device->hashes, input->hash);
    if (!kernel_tun_write(&device->tun, input))
        return false;
    kernel_hashes_keep(device->hashes);
    return true;
}

/* Writes the sentinel or the ballast, which have no virtio header. */
static bool write_own(const struct kernel_device *device,
                      const uint8_t own[SENTINEL_MAX])
{
    const struct run_input input = {.packet = own,
                                    .len = device->tun.link_len + SENTINEL_LEN};

    return write_input(device, &input);
}

bool kernel_poll_write(struct kernel_poll *poll, size_t number)
{
    struct run_fate *fate = &poll->fate[number];

    *fate = (struct run_fate){.accepted = true};
    if (write_input(poll->device, &poll->input[number]))
        return true;
    *fate = (struct run_fate){.has_verdict = true, .verdict = GROVE_REJECTED};
    return errno == EINVAL ||
           kernel_poll_fail(poll, "writing a packet to the device");
}

/* GRO has no function for its protocol and passes it unchanged. */
bool kernel_poll_end(struct kernel_poll *poll)
{
    struct kernel_device *device = poll->device;
    uint8_t *at = device->sentinel + device->tun.link_len + SENTINEL_NUMBER;
    uint64_t number;

    memcpy(&number, at, sizeof number);
    number++;
    memcpy(at, &number, sizeof number);
    return write_own(device, device->sentinel) ||
           kernel_poll_fail(poll, "writing the sentinel to the device");
}

bool kernel_poll_load(struct kernel_poll *poll)
{
    return write_own(poll->device, poll->device->ballast) ||
           kernel_poll_fail(poll, "writing the ballast to the device");
}

static bool is_own(const struct kernel_device *device,
                   const struct captured *packet,
                   const uint8_t own[SENTINEL_MAX])
{
    return packet->len == device->tun.link_len + SENTINEL_LEN &&
           memcmp(packet->packet, own, packet->len) == 0;
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

void kernel_poll_restart(struct kernel_poll *poll)
{
    poll->outputs = poll->unseen = 0;
    poll->ended = false;
    if (poll->device->hashes != NULL)
        kernel_hashes_begin(poll->device->hashes);
    if (poll->device->second.fd >= 0)
        kernel_second_drain(poll->device);
}

static bool take(struct kernel_poll *poll, const struct captured *captured,
                 bool keep)
{
    if (is_own(poll->device, captured, poll->device->sentinel)) {
        poll->ended = true;
        return true;
    }
    return !keep || is_own(poll->device, captured, poll->device->ballast) ||
           add_output(poll, captured);
}

/* Takes what is there. */
static bool take_all(struct kernel_poll *poll, bool keep)
{
    struct captured captured;

    for (;;) {
        if (capture_take(poll->device->capture, &captured)) {
            kernel_hash_unwrap(poll->device, &captured);
            if (!take(poll, &captured, keep))
                return false;
        } else if (errno == EAGAIN) {
            return true;
        } else if (errno != EINVAL) {
            return kernel_poll_fail(poll, "reading the AF_PACKET sockets");
        } else if (keep) {
            poll->unseen++;
        }
    }
}

bool kernel_poll_take(struct kernel_poll *poll)
{
    return take_all(poll, true);
}

bool kernel_poll_read(struct kernel_poll *poll, bool keep)
{
    struct capture *capture = poll->device->capture;

    while (!poll->ended) {
        if (!capture_wait(capture))
            return kernel_poll_stopped(poll);
        if (!take_all(poll, keep))
            return false;
    }
    errno = ENOBUFS;
    return capture_complete(capture) ||
           kernel_poll_fail(poll, "packets were lost at the AF_PACKET sockets");
}

bool kernel_poll_flush(struct kernel_poll *poll, bool keep)
{
    poll->ended = false;
    return kernel_poll_end(poll) && kernel_poll_read(poll, keep);
}
