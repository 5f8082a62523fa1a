/* SPDX-License-Identifier: MIT */
/*
 * A question to an implementation of GRO, its answer, and the implementations:
 * the reference, the live kernel, or a program that speaks the adapter
 * protocol.
 */
#ifndef GROVE_TOOLS_RUN_H
#define GROVE_TOOLS_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "grove/rule.h"
#include "grove/table.h"
#include "grove/vnet.h"

enum run_op { RUN_GRO, RUN_GSO };

/* The length of the longest virtio header, in bytes. */
#define RUN_VNET_MAX 24

/*
 * The configuration. All fields but the last are those of the adapter protocol.
 * run_config_default() gives the default values. Op gso uses only link,
 * vnet_len and the last field.
 */
struct run_config {
    uint32_t max_flows;   /* 8 */
    bool udp;             /* true */
    bool csum_trusted;    /* false: verify */
    bool lossless;        /* false: linux */
    enum grove_link link; /* none */
    struct grove_tunnel tunnels[GROVE_MAX_TUNNELS];
    uint32_t tunnel_count; /* 0 */
    uint8_t vnet_len;      /* 10: of virtio headers, in bytes; 10, 12 or 24 */
    uint32_t max_bytes;    /* 65535: of a super-packet */
    bool fraglist;         /* false: no lists of packets */
    bool hash;             /* false: packets have no hash */
    /*
     * The receiver of the segments computes checksums (TUN_F_CSUM). The
     * protocol and vectors cannot express it, so it is used only within this
     * process.
     */
    bool csum_offload; /* false */
};

/* One entry of a run's input: a packet, or the end of a poll. */
struct run_input {
    bool flush;                 /* the end of a poll: nothing else is set */
    bool has_vnet;              /* false: the header is all zero */
    uint8_t vnet[RUN_VNET_MAX]; /* the first vnet_len bytes */
    const uint8_t *packet;      /* from the link or the IP header on */
    size_t len;
    uint32_t hash; /* as the device that received it gave it; 0: none */
};

/* A question. Packets are numbered without the flush entries. */
struct run {
    enum run_op op;
    const char *profile; /* "linux-6.18" */
    struct run_config config;
    const struct run_input *input;
    size_t inputs;
};

/* One output. The flags are false for what the implementation does not tell. */
struct run_output {
    struct grove_vnet vnet;
    bool has_hdr_len; /* vnet.hdr_len is known */
    bool has_of;      /* `of` is known */
    bool has_rest;    /* `rest` is known; the protocol does not tell it */
    const uint8_t *packet;
    size_t len;
    const uint32_t *of; /* numbers of the packets inside, in payload order */
    size_t ofs;
    size_t rest; /* the next outputs that are of the same list of packets */
};

/* What happened to a packet, as far as it is known. */
struct run_fate {
    bool accepted; /* it was not rejected; used if has_verdict is false */
    bool has_verdict;
    bool has_rule;
    enum grove_verdict verdict;
    const char *rule; /* id of the rule that prevented merging; NULL: none */
};

enum answer_kind {
    ANSWER_OUTPUT,   /* output and fate hold the answer */
    ANSWER_REJECTED, /* op gso: refused; reason is the errno's name */
    ANSWER_SKIPPED,  /* it cannot be asked this; reason says why */
    ANSWER_ERROR,    /* it failed on this; reason says how */
    ANSWER_DEAD,     /* it crashed or sent nonsense; reason says how */
    ANSWER_LATE,     /* it did not answer in time; reason says how */
    ANSWER_LOST /* there is none, and asking more is in vain; reason: why */
};

/* An answer. Its data is in `arena`. All zero is an empty answer. */
struct answer {
    enum answer_kind kind;
    const struct run_output *output;
    size_t outputs;
    const struct run_fate *fate; /* one for each packet; NULL: not known */
    size_t fates;
    const char *reason;
    const char *rule;  /* op gso: id of the rule that decided; NULL: unknown */
    const char *issue; /* a link, with SKIPPED; may be NULL */
    struct arena arena;
};

/* An implementation that can be asked. */
struct implementation {
    void *self;
    const char *name; /* "grove", "linux-6.18.44"; lives as long as this */
    /* Puts the answer into `answer`, which is reset first. */
    void (*ask)(void *self, const struct run *run, struct answer *answer);
    void (*close)(void *self);
};

struct run_config run_config_default(void);

/* Whether a tunnel of this kind is among its tunnels. */
static inline bool run_config_has(const struct run_config *config,
                                  enum grove_tunnel_protocol protocol)
{
    for (uint32_t i = 0; i < config->tunnel_count; i++)
        if (config->tunnels[i].protocol == protocol)
            return true;
    return false;
}

/* The number of packets in the input, without the flush entries. */
size_t run_packets(const struct run *run);

/* The entry of packet `number`; NULL if there is none. */
const struct run_input *run_packet(const struct run *run, size_t number);

/* True if the input is one packet and nothing else, as op gso needs it. */
bool run_splits(const struct run *run);

/* Makes `answer` empty and keeps its memory for later. */
void answer_reset(struct answer *answer);

/* Frees `answer`'s memory. */
void answer_free(struct answer *answer);

/* Makes `answer` an empty one of this kind, with a reason as by printf(). */
__attribute__((format(printf, 3, 4))) void answer_fail(struct answer *answer,
                                                       enum answer_kind kind,
                                                       const char *format, ...);

/* Closes it, if it is open. */
void implementation_close(struct implementation *implementation);

/* The reference in this process. Always succeeds. */
void reference_open(struct implementation *implementation);

/*
 * How often the rule has decided since reference_open(). For op gso that is the
 * rule that refused or dropped the packet, or changed its header.
 */
uint64_t reference_count(const struct implementation *reference,
                         enum grove_rule rule);

/* The value of a column of the profile; both exist. */
uint16_t profile_value(const char *profile, const char *column);

/* Whether the kernels of the profile have the rule. */
bool kernel_has_rule(enum grove_rule rule, const char *profile);

/* Whether the rule never decides without a link and without tunnels. */
bool rule_needs_layers(enum grove_rule rule);

/* Whether it never decides without PPPoE, which few kernels look into. */
bool rule_needs_pppoe(enum grove_rule rule);

/* Whether it never decides with the usual max_bytes. */
bool rule_needs_bytes(enum grove_rule rule);
/* Whether the rule never decides without fraglist. */
bool rule_needs_fraglist(enum grove_rule rule);

/*
 * The kernel of this machine, by devices in network namespaces of their own.
 * Linux only. Needs /dev/net/tun, and CAP_NET_ADMIN, CAP_NET_RAW and
 * CAP_SYS_ADMIN. A process without these moves into a user namespace, where it
 * has them, and stays there: call this before it has a second thread. With
 * CAP_SYS_NICE the calling thread runs in real time while the kernel is asked,
 * and the answers come ten times as fast. On failure writes one line that says
 * what is missing into `why` and returns false.
 *
 * A question without an answer is asked once more, of new devices. If that
 * fails, too, the answer is ANSWER_LOST; it is never ANSWER_ERROR, _DEAD or
 * _LATE.
 */
bool kernel_open(struct implementation *implementation, char why[256]);

/*
 * Tells the live kernel its profile: questions about others, and those that
 * kernels of the profile answer in another way than SPEC.md, are skipped from
 * now on.
 */
void kernel_set_profile(struct implementation *implementation,
                        const char *profile);

/*
 * Moves the calling thread into namespaces as kernel_open() makes them; a
 * process without the rights for that moves into a user namespace first. NULL,
 * or errno and what helps, a static string.
 */
const char *kernel_try_namespaces(void);

/*
 * The profile of the running kernel's series ("linux-6.18"), or NULL if it has
 * none. `release` (64 bytes) gets the numeric release ("6.18.44").
 */
const char *kernel_profile(char release[64]);

/*
 * A program that speaks the adapter protocol on stdin and stdout; /bin/sh runs
 * it. The time limit for an answer is `timeout_ms`, in milliseconds. Returns
 * false and sets `why` if it cannot be started or its hello is wrong.
 */
bool adapter_open(struct implementation *implementation, const char *command,
                  int timeout_ms, char why[256]);

/*
 * Compares two answers field by field. True if they agree in all that both
 * contain. Otherwise `why` gets lines that name the differences.
 */
bool answers_agree(const struct answer *expected, const struct answer *got,
                   struct arena *arena, const char **why);

#endif
