/* SPDX-License-Identifier: MIT */
/*
 * The parts of the live kernel as an implementation: a TUN device in a network
 * namespace of its own, the kernel thread that polls it, and the socket that
 * sees what leaves GRO.
 */
#ifndef GROVE_TOOLS_KERNEL_PRIVATE_H
#define GROVE_TOOLS_KERNEL_PRIVATE_H

#include <linux/virtio_net.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The most bytes that "what is missing" takes, with its end. */
#define WHY_LEN 256

/* Writes what is missing, and errno in words; false for the caller. */
__attribute__((format(printf, 2, 3))) bool
kernel_lacks(char why[WHY_LEN], const char *format, ...);

/* A device feature, as ethtool(8) lists them. */
struct kernel_feature {
    uint32_t index;
    uint32_t count; /* of all features of this kernel */
};

/*
 * The feature of this name, by any `socket` of the device's namespace. False
 * and errno if the kernel has none.
 */
bool kernel_feature_find(int socket, const char device[IFNAMSIZ],
                         const char *name, struct kernel_feature *feature);

/* A forwarded UDP packet is coalesced. */
#define KERNEL_UDP_FEATURE "rx-udp-gro-forwarding"

/* Turns the feature on or off. False and errno on failure. */
bool kernel_feature_set(int socket, const char device[IFNAMSIZ],
                        const struct kernel_feature *feature, bool on);

/* The device. */
struct kernel_device {
    char name[IFNAMSIZ];
    int tun;
    int capture;               /* an AF_PACKET socket bound to the device */
    struct kernel_feature udp; /* it coalesces UDP */
};

/*
 * Makes the device and its socket in a new network namespace; the namespaces
 * of the calling thread stay as they are. On failure nothing is left open.
 */
bool kernel_device_open(struct kernel_device *device, char why[WHY_LEN]);

/* Closes both, and with them the namespace. */
void kernel_device_close(struct kernel_device *device);

/* What the calling thread was before kernel_writer_begin(). */
struct kernel_writer {
    cpu_set_t cpus;
    int policy;
    struct sched_param param;
};

/*
 * Pins the kernel thread that polls `device` to a CPU of the calling
 * thread's, which goes to `cpu`.
 */
bool kernel_thread_pin(const char *device, cpu_set_t *cpu, char why[WHY_LEN]);

/*
 * From begin to end the calling thread runs on the polling thread's CPU and
 * before it, so nothing is polled until the caller blocks.
 */
bool kernel_writer_begin(struct kernel_writer *saved, const cpu_set_t *cpu);
void kernel_writer_end(const struct kernel_writer *saved);

/* A packet that left GRO. */
struct captured {
    struct virtio_net_hdr vnet; /* in host order */
    const uint8_t *packet;
    size_t len;
};

struct capture;

/* Buffers for the socket. */
struct capture *capture_new(int socket);
void capture_free(struct capture *capture);

/* Waits for something to take. False after some seconds without. */
bool capture_wait(const struct capture *capture);

/* Whether there is something to take at this moment. */
bool capture_ready(const struct capture *capture);

/*
 * Takes packets without waiting: their number, or -1 and errno. EAGAIN: none
 * is there. EINVAL: one was taken whose header AF_PACKET cannot express.
 */
int capture_take(struct capture *capture);

/* Packet `number` of those just taken. */
struct captured capture_packet(const struct capture *capture, int number);

/* Whether no packet was lost since the last call. */
bool capture_complete(const struct capture *capture);

#endif
