/* SPDX-License-Identifier: MIT */
/* tun/compare.c: what the probe finds in packets that came. */
#define _GNU_SOURCE
#include "proof.h"

#include "../tun/compare.c"

enum { MOST = 2, LEN_MOST = 2 };

static struct tun_burst expected;
static struct tun_burst seen;

/* Packets of a few bytes, so that the loops over them end. */
static void make_burst(struct tun_burst *burst)
{
    burst->count = nondet_u32();
    ASSUME(burst->count <= MOST);
    for (uint32_t i = 0; i < MOST; i++)
        burst->packets[i] = any_bytes(LEN_MOST);
}

void proof_tun_compare(void)
{
    struct tun_sample sample;
    struct grove_tun_finding finding = {.symptom = GROVE_TUN_SYMPTOM_NONE};

    make_burst(&expected);
    make_burst(&seen);
    ASSUME(sample.checksum_count <= TUN_SAMPLE_CHECKSUMS);
    tun_compare(&sample, &expected, &seen, &finding);
    PROVE(finding.expected == expected.count && finding.seen == seen.count);
    PROVE(finding.symptom != GROVE_TUN_SYMPTOM_LOST || seen.count == 0);
    if (finding.symptom >= GROVE_TUN_SYMPTOM_HEADER) {
        PROVE(finding.segment < expected.count);
        PROVE(finding.offset < expected.packets[finding.segment].len);
    }
    REACHES(finding.symptom == GROVE_TUN_SYMPTOM_NONE && seen.count == MOST);
    REACHES(finding.symptom == GROVE_TUN_SYMPTOM_ORDER);
    REACHES(finding.symptom == GROVE_TUN_SYMPTOM_CHECKSUM &&
            finding.segment == 1);
    REACHES(finding.symptom == GROVE_TUN_SYMPTOM_PAYLOAD);
}

/* A packet lies in the room; what stays free lies behind it. */
void proof_tun_burst(void)
{
    static uint8_t memory[4 * (GROVE_VNET_LEN_MAX + TUN_SAMPLE_MAX)];
    const uint32_t from = nondet_u32();
    const uint32_t len = nondet_u32();

    seen.count = nondet_u32();
    ASSUME(seen.count <= TUN_BURST_MAX);
    seen.room = (struct buffer){memory, sizeof memory};
    ASSUME(from <= sizeof memory && len <= sizeof memory - from);
    const size_t count = seen.count;

    tun_burst_add(&seen, (struct bytes){memory + from, len});
    PROVE(seen.count == count || seen.count == count + 1);
    PROVE(seen.count <= TUN_BURST_MAX);
    if (seen.count != count) {
        PROVE(seen.room.at == memory + from + len);
        PROVE(seen.room.len >= GROVE_VNET_LEN_MAX + TUN_SAMPLE_MAX);
        PROVE(seen.room.at + seen.room.len == memory + sizeof memory);
    }
    REACHES(seen.count == count && count < TUN_BURST_MAX);
    REACHES(seen.count == TUN_BURST_MAX && count != seen.count);
}

void proof_tun_symptoms(void)
{
    const enum grove_tun_symptom symptom = (enum grove_tun_symptom)nondet_u32();
    const char *const words = grove_tun_symptom_words(symptom);

    PROVE(__CPROVER_r_ok(words, 2) && words[0] != '\0');
    REACHES(symptom == (enum grove_tun_symptom)1000);
}
